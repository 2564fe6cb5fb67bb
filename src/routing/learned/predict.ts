import { type InputSize, predictCosts } from "./costs.ts";
import { likenessOf, trustIn } from "./familiarity.ts";
import type { PromptFeatures } from "./features/prompt-features.ts";
import { sigmoid } from "./numbers.ts";
import { type RouterModel, termCount } from "./router-model.ts";
import { headVectorOf } from "./space.ts";
import { openStreamFamiliarity } from "./stream-familiarity.ts";
import { neighbourTerms, openPlacing, ownAndShared, type PlacedPrompt } from "./terms.ts";

/** What is learned while serving: a shift of a model's logit in a cluster, and the variance of it. */
export type OnlineCorrection = (
  model: number,
  cluster: number,
) => { readonly shift: number; readonly variance: number };

/** What to expect of every model on one prompt. The arrays are written over by the next prediction. */
export interface Expectation {
  /** Probability of a good answer, by model. */
  readonly quality: Float64Array;
  /** Standard error of that probability, as far as it comes from few labels. */
  readonly deviation: Float64Array;
  /** USD, by model. */
  readonly cost: Float64Array;
  /** Terms by model, in logits, weighted: those of `termNames`. */
  readonly terms: Float64Array;
  readonly cluster: number;
  /** 0: like nothing learned from; 1: familiar. */
  readonly trust: number;
  /** Whether the prompts around this one are on the whole like those learned from. */
  readonly stream: "familiar" | "unfamiliar";
  /** The most similar stored rows, the nearest first. */
  readonly nearest: Uint32Array;
}

export type Predictor = (features: PromptFeatures, input: InputSize) => Expectation;

/** Rows that a label of the whole model stands for in the standard error of a cluster. */
const sharedRows = 0.1;

/** Standard error of an expected quality, as far as it comes from few labels and from what was learned since. */
export const labelDeviation = (
  { clusterCounts, counts }: Pick<RouterModel, "clusterCounts" | "counts">,
  {
    group,
    model,
    chance,
    variance,
  }: {
    readonly group: number;
    readonly model: number;
    readonly chance: number;
    readonly variance: number;
  },
): number => {
  const spread = chance * (1 - chance);
  const rows = (clusterCounts[group] as number) + sharedRows * (counts[model] as number);
  return spread * Math.sqrt(1 / (1 + rows * spread) + variance);
};

export interface PredictorOptions {
  /** What was learned since training. */
  readonly correction?: OnlineCorrection;
  /**
   * Prompts that are to be answered together, as those of a file: how familiar they are on the whole is looked at first.
   * Without them each prompt is weighed with those that came before it.
   */
  readonly batch?: readonly PromptFeatures[];
}

/** Predicts with a trained model. Not for use by two callers at once. */
export const openPredictor = (model: RouterModel, options: PredictorOptions = {}): Predictor => {
  const { correction, batch } = options;
  const models = model.models.length;
  const place = openPlacing(model);
  const own = new Float64Array(models + 1);
  const near = new Float64Array(models);
  const quality = new Float64Array(models);
  const deviation = new Float64Array(models);
  const cost = new Float64Array(models);
  const terms = new Float64Array(models * termCount);
  const { outcomes, weights, calibration } = model;
  const labelsOf = (row: number, into: Float64Array): void => {
    into.fill(Number.NaN);
    const to = outcomes.starts[row + 1] as number;
    for (let at = outcomes.starts[row] as number; at < to; at++)
      into[outcomes.model[at] as number] = outcomes.quality[at] as number;
  };
  const stream = openStreamFamiliarity(model.clusters.count);
  const likeness = ({ signals, cluster }: PlacedPrompt): number => likenessOf(model.familiarity, signals, cluster);
  const observe = (placed: PlacedPrompt): void =>
    stream.observe(placed.cluster, likeness(placed) < model.familiarity.usual ? "unusual" : "usual");
  for (const features of batch ?? []) observe(place(features));
  return (features, input) => {
    const placed = place(features);
    const { cluster, found } = placed;
    if (batch === undefined) observe(placed);
    const confidence = stream.confidence(cluster);
    const trust = trustIn(model.familiarity, likeness(placed)) * confidence;
    neighbourTerms({ found, labelsOf, priors: model.priors }, near);
    const shared = ownAndShared(model.heads, headVectorOf(model.space, features), own);
    predictCosts(model.costs, { models: model.models, input, cluster }, cost);
    for (let one = 0; one < models; one++) {
      const prior = model.priors[one] as number;
      const group = cluster * models + one;
      const at = one * termCount;
      terms[at] = (weights[0] as number) * (model.clusterTerms[group] as number);
      terms[at + 1] = (weights[1] as number) * shared;
      terms[at + 2] = (weights[2] as number) * (own[one] as number);
      terms[at + 3] = (weights[3] as number) * (near[one] as number);
      let raw = prior;
      for (let term = 0; term < termCount; term++) raw += terms[at + term] as number;
      const shifted = (calibration[one * 2] as number) + (calibration[one * 2 + 1] as number) * raw;
      const online = correction?.(one, cluster);
      const chance = sigmoid(prior + trust * (shifted - prior + (online?.shift ?? 0)));
      quality[one] = chance;
      deviation[one] = labelDeviation(model, { group, model: one, chance, variance: online?.variance ?? 0 });
    }
    return {
      quality,
      deviation,
      cost,
      terms,
      cluster,
      trust,
      stream: confidence < 0.5 ? "unfamiliar" : "familiar",
      nearest: found.rows.subarray(0, Math.min(5, found.count)),
    };
  };
};
