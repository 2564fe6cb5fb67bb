import type { CandidateTable } from "./candidate-table.ts";
import type { Action } from "./cascade.ts";
import { logit, sigmoid } from "./numbers.ts";
import { outcomeOf } from "./screen-cascades.ts";
import { fitSmallLogistic } from "./small-logistic.ts";

/** Predicts what a cascade is worth on a prompt from what its members are. */
export interface CascadeHead {
  readonly action: Action;
  readonly quality: Float64Array;
  /** For each candidate behind the first two: the chance that it is asked. */
  readonly asked: readonly Float64Array[];
  /** Real cost over predicted cost: hard prompts are answered at greater length. */
  readonly costFactor: number;
  readonly rows: number;
}

const inputsFor = (
  { candidates }: Action,
  qualityOf: (candidate: number) => number,
  into: Float64Array,
  base: number,
): void => {
  into[base] = 1;
  for (const [at, candidate] of candidates.entries()) into[base + 1 + at] = logit(qualityOf(candidate));
};

const chanceOf = (weights: Float64Array, inputs: Float64Array): number => {
  let value = 0;
  for (let at = 0; at < weights.length; at++) value += (weights[at] as number) * (inputs[at] as number);
  return sigmoid(value);
};

export interface CascadeExpectation {
  readonly quality: number;
  readonly cost: number;
}

/** Expected quality and cost (USD) of a cascade, given its members'. */
export const expectCascade = (
  head: CascadeHead,
  qualityOf: (candidate: number) => number,
  costOf: (candidate: number) => number,
): CascadeExpectation => {
  const { candidates } = head.action;
  const inputs = new Float64Array(candidates.length + 1);
  inputsFor(head.action, qualityOf, inputs, 0);
  let cost = costOf(candidates[0] as number) + costOf(candidates[1] as number);
  for (const [at, weights] of head.asked.entries())
    cost += chanceOf(weights, inputs) * costOf(candidates[at + 2] as number);
  return { quality: chanceOf(head.quality, inputs), cost: cost * head.costFactor };
};

/** Fits the heads of a cascade on what it came to, row by row, and what was predicted of its members. */
export const fitCascadeHead = (table: CandidateTable, action: Action): CascadeHead => {
  const width = action.candidates.length + 1;
  const inputs = new Float64Array(table.rows * width);
  const quality = new Float64Array(table.rows);
  const asked = action.candidates.slice(2).map(() => new Float64Array(table.rows));
  let paid = 0;
  for (let row = 0; row < table.rows; row++) {
    const base = row * table.candidates;
    inputsFor(action, (candidate) => table.predicted[base + candidate] as number, inputs, row * width);
    const outcome = outcomeOf(table, row, action);
    quality[row] = outcome.quality;
    paid += outcome.cost;
    for (const [at, column] of asked.entries()) column[row] = outcome.asked > at + 2 ? 1 : 0;
  }
  const start = new Array<number>(width).fill(0);
  const strength = start.map((_, at) => (at === 0 ? 0.1 : 10));
  const fit = (labels: Float64Array): Float64Array => fitSmallLogistic({ inputs, width, labels, start, strength });
  const head: CascadeHead = { action, quality: fit(quality), asked: asked.map(fit), costFactor: 1, rows: table.rows };
  let expected = 0;
  for (let row = 0; row < table.rows; row++) {
    const base = row * table.candidates;
    expected += expectCascade(
      head,
      (candidate) => table.predicted[base + candidate] as number,
      (candidate) => table.predictedCost[base + candidate] as number,
    ).cost;
  }
  return { ...head, costFactor: expected > 0 ? paid / expected : 1 };
};
