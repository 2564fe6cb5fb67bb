import { type PromptFeatures, wordBuckets } from "./features/prompt-features.ts";
import { denseDimensions } from "./features/surface.ts";
import type { Neighbours } from "./neighbours.ts";
import { addAt } from "./numbers.ts";
import { type FeatureSpace, leastPrompts, rarityOf, type SparseVector } from "./space.ts";

/** What says whether a prompt is like those learned from; of each, more is more alike. */
export const signalNames = ["neighbours", "cluster", "words", "grams", "surface"] as const;
export const signalCount = signalNames.length;

/**
 * How like the training prompts a prompt must be for the learned terms to count. Each signal is compared with those of
 * the cluster that the prompt fell into, since clusters differ in how tight they are; the worst one counts.
 */
export interface Familiarity {
  /** `[cluster · signals + signal]`. */
  readonly means: Float32Array;
  readonly deviations: Float32Array;
  /** Likeness below which nothing learned is trusted, and above which everything is. */
  readonly low: number;
  readonly high: number;
  /** Likeness that {@link usualShare} of the training prompts reach. */
  readonly usual: number;
}

/** Share of the training prompts that count as usual. */
export const usualShare = 0.9;

/** Whether a prompt is one of those that the space was fitted on: its own features then say nothing. */
export type Origin = "training" | "new";

/** Share of the prompt's information in words, and in 4-grams, that other training prompts hold too. */
const knownInformation = (
  { rarity }: FeatureSpace,
  { indices }: PromptFeatures,
  { origin, prompts }: { readonly origin: Origin; readonly prompts: number },
): readonly [words: number, grams: number] => {
  const most = rarityOf(0, prompts);
  // A bucket of the fewest prompts is held by one fewer beside this one, which were too few for a new prompt.
  const rarest = origin === "new" ? Number.POSITIVE_INFINITY : rarityOf(leastPrompts, prompts) - 1e-4;
  const known = [0, 0];
  const all = [1e-9, 1e-9];
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at] as number;
    const weight = rarity[index] as number;
    const part = index < wordBuckets ? 0 : 1;
    const isKnown = weight > 0 && weight < rarest;
    const information = (isKnown ? weight : most) ** 2;
    all[part] = (all[part] as number) + information;
    if (isKnown) known[part] = (known[part] as number) + information;
  }
  return [(known[0] as number) / (all[0] as number), (known[1] as number) / (all[1] as number)];
};

const meanSimilarity = ({ similarities, count }: Neighbours): number => {
  const nearest = Math.min(5, count);
  let sum = 0;
  for (let at = 0; at < nearest; at++) sum += similarities[at] as number;
  return nearest === 0 ? 0 : sum / nearest;
};

export interface SignalSource {
  readonly space: FeatureSpace;
  readonly features: PromptFeatures;
  readonly vector: SparseVector;
  readonly found: Neighbours;
  readonly clusterSimilarity: number;
  readonly origin: Origin;
  readonly prompts: number;
}

export const signalsOf = (source: SignalSource): Float64Array => {
  const { vector, features } = source;
  const [words, grams] = knownInformation(source.space, features, source);
  let distance = 0;
  for (let at = 0; at < denseDimensions; at++) distance += (vector.values[features.indices.length + at] as number) ** 2;
  return Float64Array.of(meanSimilarity(source.found), source.clusterSimilarity, words, grams, -Math.sqrt(distance));
};

/** The signal that speaks most against a prompt, in deviations from its cluster's mean. */
export const likenessOf = (
  { means, deviations }: Pick<Familiarity, "means" | "deviations">,
  signals: Float64Array,
  cluster: number,
): number => {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < signalCount; at++) {
    const place = cluster * signalCount + at;
    least = Math.min(least, ((signals[at] as number) - (means[place] as number)) / (deviations[place] as number));
  }
  return least;
};

export const trustIn = ({ low, high }: Familiarity, likeness: number): number =>
  Math.max(0, Math.min(1, (likeness - low) / (high - low)));

/** Rows by which a cluster's mean and deviation are drawn to those of all clusters. */
const shrinkage = 5;
/** Shares of the training prompts that are trusted not at all, and less than fully. */
const lowShare = 0.004;
const highShare = 0.025;

/** From the signals of training prompts, each as if it were new. */
export const fitFamiliarity = (
  signals: readonly Float64Array[],
  clusterOf: Uint16Array,
  clusters: number,
): Familiarity => {
  const width = clusters * signalCount;
  const counts = new Float64Array(clusters);
  const means = new Float32Array(width);
  const deviations = new Float32Array(width);
  for (const cluster of clusterOf) addAt(counts, cluster, 1);
  const gather = (into: Float32Array, readAt: (row: number, signal: number) => number): void => {
    const overall = new Float64Array(signalCount);
    for (const [row, cluster] of clusterOf.entries())
      for (let at = 0; at < signalCount; at++) {
        const value = readAt(row, at);
        addAt(into, cluster * signalCount + at, value);
        addAt(overall, at, value / clusterOf.length);
      }
    for (let place = 0; place < width; place++)
      into[place] =
        ((into[place] as number) + shrinkage * (overall[place % signalCount] as number)) /
        ((counts[Math.floor(place / signalCount)] as number) + shrinkage);
  };
  gather(means, (row, at) => (signals[row] as Float64Array)[at] as number);
  gather(
    deviations,
    (row, at) =>
      (((signals[row] as Float64Array)[at] as number) -
        (means[(clusterOf[row] as number) * signalCount + at] as number)) **
      2,
  );
  for (let place = 0; place < width; place++) deviations[place] = Math.sqrt(deviations[place] as number) + 0.01;
  const sorted = Float64Array.from(signals, (one, row) =>
    likenessOf({ means, deviations }, one, clusterOf[row] as number),
  ).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number;
  return {
    means,
    deviations,
    low: at(lowShare),
    high: Math.max(at(highShare), at(lowShare) + 1e-3),
    usual: at(1 - usualShare),
  };
};
