import { clusterSimilarities, largest } from "./clusters.ts";
import { signalsOf } from "./familiarity.ts";
import type { PromptFeatures } from "./features/prompt-features.ts";
import { type Heads, headLogits } from "./heads.ts";
import { findNeighbours, type Neighbours, noNeighbours } from "./neighbours.ts";
import { logit, sigmoid } from "./numbers.ts";
import type { RouterModel } from "./router-model.ts";
import { type SparseVector, spaceDimensions, vectorOf } from "./space.ts";

/** Labels as the neighbours term reads them: quality by row and model, NaN where unknown. */
export type LabelOf = (row: number, into: Float64Array) => void;

/** Weight of the prior, in neighbours' weights. */
const neighbourShrinkage = 0.4;

/** How each model did on the neighbours, in logits over its prior. */
export const neighbourTerms = (
  {
    found,
    labelsOf,
    priors,
  }: { readonly found: Neighbours; readonly labelsOf: LabelOf; readonly priors: Float32Array },
  into: Float64Array,
): void => {
  const models = priors.length;
  const held = new Float64Array(models);
  const sums = new Float64Array(models);
  const weights = new Float64Array(models);
  const floor = found.count === 0 ? 0 : 0.9 * (found.similarities[found.count - 1] as number);
  for (let at = 0; at < found.count; at++) {
    const weight = Math.max(1e-3, (found.similarities[at] as number) - floor);
    labelsOf(found.rows[at] as number, held);
    for (let model = 0; model < models; model++) {
      const label = held[model] as number;
      if (Number.isNaN(label)) continue;
      sums[model] = (sums[model] as number) + weight * label;
      weights[model] = (weights[model] as number) + weight;
    }
  }
  const total = Math.max(1e-9, ...weights);
  for (let model = 0; model < models; model++) {
    const prior = priors[model] as number;
    const pull = neighbourShrinkage * total;
    const mean = ((sums[model] as number) + pull * sigmoid(prior)) / ((weights[model] as number) + pull);
    into[model] = logit(mean) - prior;
  }
};

export interface PlacedPrompt {
  readonly vector: SparseVector;
  readonly cluster: number;
  /** The neighbours, valid until the next prompt is placed. */
  readonly found: Neighbours;
  readonly signals: Float64Array;
}

type Places = Pick<RouterModel, "space" | "clusters" | "neighbours">;

/** A training prompt, placed as if it were new. */
export interface TrainingPlace {
  readonly row: number;
  readonly vector: SparseVector;
}

/** Finds cluster and neighbours of prompts, one after the other. A training prompt is left out of its own search. */
export const openPlacing = (model: Places): ((features: PromptFeatures, training?: TrainingPlace) => PlacedPrompt) => {
  const { space, clusters, neighbours } = model;
  const spread = new Float32Array(spaceDimensions);
  const near = new Float64Array(clusters.count);
  const found = noNeighbours();
  const prompts = neighbours.starts.length - 1;
  return (features, training) => {
    const vector = training?.vector ?? vectorOf(space, features);
    clusterSimilarities(clusters, vector, near);
    const { indices, values } = vector;
    const last = indices.length - 1;
    for (let at = 0; at < last; at++) spread[indices[at] as number] = values[at] as number;
    findNeighbours(neighbours, { clusters: near, spread, except: training?.row ?? -1 }, found);
    for (let at = 0; at < last; at++) spread[indices[at] as number] = 0;
    const cluster = largest(near);
    const origin = training === undefined ? "new" : "training";
    const clusterSimilarity = near[cluster] as number;
    const signals = signalsOf({ space, features, vector, found, clusterSimilarity, origin, prompts });
    return { vector, cluster, found, signals };
  };
};

/** Shared and own logits of the heads into `shared` (returned) and `own`. */
export const ownAndShared = (heads: Heads, vector: SparseVector, own: Float64Array): number => {
  headLogits(heads, vector, own);
  return own[heads.models] as number;
};
