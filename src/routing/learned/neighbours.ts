import type { SparseVector } from "./space.ts";

/** Features kept of a stored prompt: those that weigh most. */
const keptFeatures = 48;
/** Stored prompts that one search looks at, at most; and neighbours that it takes. */
const searched = 1_000;
export const neighbourCount = 40;

/** Stored prompts, grouped by cluster. */
export interface NeighbourIndex {
  readonly starts: Uint32Array;
  readonly indices: Uint16Array;
  readonly values: Float32Array;
  /** Rows in the order of their clusters, and where each cluster begins. */
  readonly byCluster: Uint32Array;
  readonly clusterStarts: Uint32Array;
}

export interface StoredPrompts {
  readonly starts: Uint32Array;
  readonly indices: Uint16Array;
  readonly values: Float32Array;
}

/** The heaviest features of each vector, without the constant. */
export const storePrompts = (vectors: readonly SparseVector[]): StoredPrompts => {
  const starts = new Uint32Array(vectors.length + 1);
  const indices: Uint16Array = new Uint16Array(vectors.length * keptFeatures);
  const values = new Float32Array(vectors.length * keptFeatures);
  let end = 0;
  for (const [row, vector] of vectors.entries()) {
    const places = Uint32Array.from({ length: vector.indices.length - 1 }, (_, at) => at)
      .filter((at) => vector.values[at] !== 0)
      .sort((a, b) => Math.abs(vector.values[b] as number) - Math.abs(vector.values[a] as number) || a - b)
      .subarray(0, keptFeatures)
      .sort();
    for (const place of places) {
      indices[end] = vector.indices[place] as number;
      values[end++] = vector.values[place] as number;
    }
    starts[row + 1] = end;
  }
  return { starts, indices: indices.slice(0, end), values: values.slice(0, end) };
};

export const indexNeighbours = (stored: StoredPrompts, clusterOf: Uint16Array, clusters: number): NeighbourIndex => {
  const clusterStarts = new Uint32Array(clusters + 1);
  for (const cluster of clusterOf) clusterStarts[cluster + 1] = (clusterStarts[cluster + 1] as number) + 1;
  for (let at = 0; at < clusters; at++)
    clusterStarts[at + 1] = (clusterStarts[at + 1] as number) + (clusterStarts[at] as number);
  const next = clusterStarts.slice();
  const byCluster = new Uint32Array(clusterOf.length);
  for (const [row, cluster] of clusterOf.entries()) {
    byCluster[next[cluster] as number] = row;
    next[cluster] = (next[cluster] as number) + 1;
  }
  return { ...stored, byCluster, clusterStarts };
};

/** The most similar stored prompts, the nearest first. */
export interface Neighbours {
  readonly rows: Uint32Array;
  readonly similarities: Float64Array;
  count: number;
}

export const noNeighbours = (): Neighbours => ({
  rows: new Uint32Array(neighbourCount),
  similarities: new Float64Array(neighbourCount),
  count: 0,
});

const insert = (found: Neighbours, row: number, similarity: number): void => {
  let at = found.count < neighbourCount ? found.count++ : neighbourCount - 1;
  for (; at > 0 && (found.similarities[at - 1] as number) < similarity; at--) {
    found.similarities[at] = found.similarities[at - 1] as number;
    found.rows[at] = found.rows[at - 1] as number;
  }
  found.similarities[at] = similarity;
  found.rows[at] = row;
};

export interface Search {
  /** Similarity with each cluster; the nearest are searched until enough rows were looked at. */
  readonly clusters: Float64Array;
  /** The vector spread out: all zeros but for its own places. */
  readonly spread: Float32Array;
  /** A row that is left out: itself, while training. */
  readonly except: number;
}

/** Searches the nearest clusters for the nearest rows, into `found`. Bounded: about 100,000 products. */
export const findNeighbours = (index: NeighbourIndex, search: Search, found: Neighbours): void => {
  const { clusters, spread, except } = search;
  found.count = 0;
  const left = Float64Array.from(clusters);
  let looked = 0;
  for (let round = 0; round < clusters.length && looked < searched; round++) {
    let cluster = 0;
    for (let at = 1; at < left.length; at++) if ((left[at] as number) > (left[cluster] as number)) cluster = at;
    left[cluster] = Number.NEGATIVE_INFINITY;
    const end = index.clusterStarts[cluster + 1] as number;
    for (let place = index.clusterStarts[cluster] as number; place < end && looked < searched; place++, looked++) {
      const row = index.byCluster[place] as number;
      if (row === except) continue;
      let similarity = 0;
      const last = index.starts[row + 1] as number;
      for (let at = index.starts[row] as number; at < last; at++)
        similarity += (index.values[at] as number) * (spread[index.indices[at] as number] as number);
      if (found.count < neighbourCount || similarity > (found.similarities[found.count - 1] as number))
        insert(found, row, similarity);
    }
  }
};
