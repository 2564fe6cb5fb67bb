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

/** The places of the candidates' outcomes in a row; undefined where one is missing. */
const placesIn = (model: RouterModel, row: number, candidates: readonly number[]): readonly number[] | undefined => {
  const { starts, model: models } = model.outcomes;
  const to = starts[row + 1] as number;
  const places: number[] = [];
  for (const candidate of candidates) {
    let place = starts[row] as number;
    while (place < to && models[place] !== candidate) place++;
    if (place === to) return undefined;
    places.push(place);
  }
  return places;
};

/** `candidates` are indices of the model file's models. */
export const candidateTable = (model: RouterModel, candidates: readonly number[]): CandidateTable => {
  const { outcomes } = model;
  const held: (readonly [row: number, places: readonly number[]])[] = [];
  for (let row = outcomeRows(outcomes) - 1; row >= 0 && held.length < mostRows; row--) {
    const places = placesIn(model, row, candidates);
    if (places !== undefined) held.push([row, places]);
  }
  const flat = held.flatMap(([, places]) => places);
  const pick = (values: Float32Array): Float32Array => Float32Array.from(flat, (place) => values[place] as number);
  const answer = Uint8Array.from(flat, (place) => outcomes.answer[place] as number);
  return {
    rows: held.length,
    candidates: candidates.length,
    quality: pick(outcomes.quality),
    predicted: pick(outcomes.predicted),
    cost: pick(outcomes.cost),
    predictedCost: pick(outcomes.predictedCost),
    answer,
    trust: Float32Array.from(held, ([row]) => outcomes.trust[row] as number),
    cluster: Uint16Array.from(held, ([row]) => outcomes.cluster[row] as number),
    checkable: answer.some((one) => one !== noAnswer) ? "answers" : "no-answers",
  };
};
