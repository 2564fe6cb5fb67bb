import { hashedDimensions, type PromptFeatures, wordBuckets } from "./features/prompt-features.ts";
import { denseDimensions } from "./features/surface.ts";
import { addAt } from "./numbers.ts";

/** Hashed buckets, surface features, and a constant 1. */
export const spaceDimensions = hashedDimensions + denseDimensions + 1;

/** Length of the parts of a vector. */
const wordWeight = 1;
const gramWeight = 0.7;
const denseWeight = 0.8;

/** What turns features into a vector: fitted on the training prompts, without labels. */
export interface FeatureSpace {
  /** Inverse document frequency of each bucket; 0 for those too rare to learn from. */
  readonly rarity: Float32Array;
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** A prompt as a vector: ascending indices below {@link spaceDimensions}. The last one is the constant. */
export interface SparseVector {
  readonly indices: Uint16Array;
  readonly values: Float32Array;
}

/** Buckets that fewer prompts hold say nothing of others. */
export const leastPrompts = 3;

/** How a vector is made: which of two uses it serves. */
interface Weighing {
  /** The exponent of the rarity: 1 lets rare words decide, 0 counts all alike. */
  readonly rarity: number;
  readonly repeated: "counts" | "ignored";
  /** Length of the part of the surface features. */
  readonly dense: number;
}

/** Clusters and neighbours ask what a prompt is about: rare words tell. */
const alike: Weighing = { rarity: 1, repeated: "counts", dense: denseWeight };
/** Heads learn themselves what a word is worth. */
const learnedFrom: Weighing = { rarity: 0.3, repeated: "ignored", dense: 0.4 };

/** Inverse document frequency of what so many of all prompts hold. */
export const rarityOf = (holding: number, prompts: number): number => Math.log((prompts + 1) / (holding + 1)) + 0.2;

export const fitSpace = (features: readonly PromptFeatures[]): FeatureSpace => {
  const held = new Float32Array(hashedDimensions);
  const mean = new Float32Array(denseDimensions);
  const deviation = new Float32Array(denseDimensions);
  for (const { indices, dense } of features) {
    for (const index of indices) addAt(held, index, 1);
    for (let at = 0; at < denseDimensions; at++) addAt(mean, at, (dense[at] as number) / features.length);
  }
  for (const { dense } of features)
    for (let at = 0; at < denseDimensions; at++)
      addAt(deviation, at, ((dense[at] as number) - (mean[at] as number)) ** 2 / features.length);
  const rarity = held.map((count) => (count < leastPrompts ? 0 : rarityOf(count, features.length)));
  return { rarity, mean, deviation: deviation.map((variance) => Math.sqrt(variance) + 1e-3) };
};

const weighParts = (space: FeatureSpace, features: PromptFeatures, weighing: Weighing): SparseVector => {
  const count = features.indices.length;
  const indices = new Uint16Array(count + denseDimensions + 1);
  const values = new Float32Array(count + denseDimensions + 1);
  indices.set(features.indices);
  let words = 0;
  let grams = 0;
  for (let at = 0; at < count; at++) {
    const index = indices[at] as number;
    const rarity = space.rarity[index] as number;
    if (rarity === 0) continue;
    const times = weighing.repeated === "counts" ? (features.values[at] as number) : 1;
    const value = times * (weighing.rarity === 1 ? rarity : rarity ** weighing.rarity);
    values[at] = value;
    if (index < wordBuckets) words += value * value;
    else grams += value * value;
  }
  const wordScale = words > 0 ? wordWeight / Math.sqrt(words) : 0;
  const gramScale = grams > 0 ? gramWeight / Math.sqrt(grams) : 0;
  for (let at = 0; at < count; at++)
    values[at] = (values[at] as number) * ((indices[at] as number) < wordBuckets ? wordScale : gramScale);
  const scale = weighing.dense / Math.sqrt(denseDimensions);
  for (let at = 0; at < denseDimensions; at++) {
    const distance = ((features.dense[at] as number) - (space.mean[at] as number)) / (space.deviation[at] as number);
    indices[count + at] = hashedDimensions + at;
    values[count + at] = scale * Math.max(-3, Math.min(3, distance));
  }
  indices[count + denseDimensions] = spaceDimensions - 1;
  values[count + denseDimensions] = 1;
  return { indices, values };
};

/** The features as a vector that is compared with others: words and 4-grams by their rarity, each part of a fixed length. */
export const vectorOf = (space: FeatureSpace, features: PromptFeatures): SparseVector =>
  weighParts(space, features, alike);

/** The features as a vector for the heads: what occurs, rare or not, with less of the surface. */
export const headVectorOf = (space: FeatureSpace, features: PromptFeatures): SparseVector =>
  weighParts(space, features, learnedFrom);
