import { addAt, shuffled } from "./numbers.ts";
import { type SparseVector, spaceDimensions } from "./space.ts";

/** Groups of like prompts. `centroids[dimension · count + cluster]`, each of length 1. */
export interface Clusters {
  readonly count: number;
  readonly centroids: Float32Array;
}

/** Similarity of a vector with each cluster, into `into`. The constant does not count. */
export const clusterSimilarities = ({ count, centroids }: Clusters, vector: SparseVector, into: Float64Array): void => {
  into.fill(0);
  const { indices, values } = vector;
  for (let at = 0; at < indices.length - 1; at++) {
    const value = values[at] as number;
    if (value === 0) continue;
    const base = (indices[at] as number) * count;
    for (let cluster = 0; cluster < count; cluster++)
      into[cluster] = (into[cluster] as number) + value * (centroids[base + cluster] as number);
  }
};

export const largest = (values: Float64Array): number => {
  let best = 0;
  for (let at = 1; at < values.length; at++) if ((values[at] as number) > (values[best] as number)) best = at;
  return best;
};

const meansOf = (vectors: readonly SparseVector[], assigned: Uint16Array, count: number): Float32Array => {
  const sums = new Float32Array(spaceDimensions * count);
  for (const [row, { indices, values }] of vectors.entries())
    for (let at = 0; at < indices.length - 1; at++)
      addAt(sums, (indices[at] as number) * count + (assigned[row] as number), values[at] as number);
  const lengths = new Float64Array(count);
  for (let at = 0; at < sums.length; at++) addAt(lengths, at % count, (sums[at] as number) ** 2);
  for (let at = 0; at < sums.length; at++)
    sums[at] = (sums[at] as number) / Math.sqrt((lengths[at % count] as number) + 1e-12);
  return sums;
};

const passes = 6;
/** Prompts that centroids are fitted on, at most. */
const sampleSize = 3_000;

/** As many clusters as the rows can describe: 32 of them at most. */
export const clusterCount = (rows: number): number => Math.max(1, Math.min(32, Math.round(Math.sqrt(rows / 8))));

/** Spherical k-means (Dhillon and Modha, 2001) from seeded starts. */
export const fitClusters = (vectors: readonly SparseVector[], seed: number): Clusters => {
  const count = clusterCount(vectors.length);
  const order = shuffled(vectors.length, seed).subarray(0, sampleSize);
  const sample = Array.from(order, (row) => vectors[row] as SparseVector);
  let clusters: Clusters = {
    count,
    centroids: meansOf(
      sample.slice(0, count),
      Uint16Array.from({ length: count }, (_, at) => at),
      count,
    ),
  };
  const near = new Float64Array(count);
  const assigned = new Uint16Array(sample.length);
  for (let pass = 0; pass < passes && count > 1; pass++) {
    for (const [row, vector] of sample.entries()) {
      clusterSimilarities(clusters, vector, near);
      assigned[row] = largest(near);
    }
    clusters = { count, centroids: meansOf(sample, assigned, count) };
  }
  return clusters;
};
