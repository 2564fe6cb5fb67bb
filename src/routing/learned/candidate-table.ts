import { noAnswer, outcomeRows } from "./outcomes.ts";
import type { RouterModel } from "./router-model.ts";

/** The outcomes of the candidates, on the training rows that know all of them: `[row · candidates + candidate]`. */
export interface CandidateTable {
  readonly rows: number;
  readonly candidates: number;
  readonly quality: Float32Array;
  readonly predicted: Float32Array;
  readonly cost: Float32Array;
  readonly predictedCost: Float32Array;
  readonly answer: Uint8Array;
  readonly trust: Float32Array;
  readonly cluster: Uint16Array;
  /** Whether any answers can be compared at all. */
  readonly checkable: "answers" | "no-answers";
}

/** Rows that policies are calibrated on, at most: the newest. */
const mostRows = 6_000;

/** Finds the places of the candidates' outcomes in a row, into `places` from `at`; false where one is missing. */
const findPlaces = (
  { starts, model: models }: RouterModel["outcomes"],
  row: number,
  { candidates, into, at }: { readonly candidates: readonly number[]; readonly into: Uint32Array; readonly at: number },
): boolean => {
  const from = starts[row] as number;
  const to = starts[row + 1] as number;
  if (to - from < candidates.length) return false;
  for (let one = 0; one < candidates.length; one++) {
    let place = from;
    while (place < to && models[place] !== candidates[one]) place++;
    if (place === to) return false;
    into[at + one] = place;
  }
  return true;
};

/** `candidates` are indices of the model file's models. */
export const candidateTable = (model: RouterModel, candidates: readonly number[]): CandidateTable => {
  const { outcomes } = model;
  const width = candidates.length;
  const most = Math.min(mostRows, outcomeRows(outcomes));
  const held = new Uint32Array(most);
  const found = new Uint32Array(most * width);
  let rows = 0;
  for (let row = outcomeRows(outcomes) - 1; row >= 0 && rows < most; row--)
    if (findPlaces(outcomes, row, { candidates, into: found, at: rows * width })) held[rows++] = row;
  const places = found.subarray(0, rows * width);
  const pick = <Values extends Float32Array | Uint8Array>(values: Values, into: Values): Values => {
    for (let at = 0; at < places.length; at++) into[at] = values[places[at] as number] as number;
    return into;
  };
  const numbers = (values: Float32Array): Float32Array => pick(values, new Float32Array(places.length));
  const answer = pick(outcomes.answer, new Uint8Array(places.length));
  const trust = new Float32Array(rows);
  const cluster = new Uint16Array(rows);
  for (let row = 0; row < rows; row++) {
    trust[row] = outcomes.trust[held[row] as number] as number;
    cluster[row] = outcomes.cluster[held[row] as number] as number;
  }
  return {
    rows,
    candidates: width,
    quality: numbers(outcomes.quality),
    predicted: numbers(outcomes.predicted),
    cost: numbers(outcomes.cost),
    predictedCost: numbers(outcomes.predictedCost),
    answer,
    trust,
    cluster,
    checkable: answer.some((one) => one !== noAnswer) ? "answers" : "no-answers",
  };
};
