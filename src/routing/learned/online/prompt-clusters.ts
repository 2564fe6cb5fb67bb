import { hashedDimensions, type PromptFeatures } from "../features/prompt-features.ts";

/** How alike (cosine) a prompt must be to the nearest cluster, so that it founds none of its own. */
const alikeEnough = 0.2;
/** Words of a cluster's centre that are kept in a snapshot. */
const keptPerCentre = 500;
/** A centre weighs this many prompts at most, so that it follows what prompts become. */
const heaviest = 400;
/** Rareness is learned from so many prompts of late. */
const longestMemory = 20_000;

/** How many clusters there can be. */
export const clusterCapacity = 32;

export interface ClusterMatch {
  readonly cluster: number;
  /** Cosine to the centre, 0–1; 0 where there is no cluster yet. */
  readonly alike: number;
}

type Pairs = readonly (readonly [index: number, weight: number])[];

/** JSON form of the clusters. */
export interface ClustersState {
  readonly prompts: number;
  /** In how many prompts each word stood. */
  readonly rareness: Pairs;
  readonly centres: readonly { readonly prompts: number; readonly weights: Pairs }[];
}

/**
 * Kinds of prompts, found as they come: a prompt that is like none of the clusters founds the next one, while there is
 * room (leader clustering on hashed words with inverse document frequency; Hartigan, "Clustering Algorithms", 1975).
 * Deterministic: the same prompts in the same order give the same clusters. About 4 MB.
 */
export class PromptClusters {
  readonly #rareness = new Float32Array(hashedDimensions);
  /** All centres' weights of one word stand together: looking at a prompt reads the memory once, in short runs. */
  readonly #weights = new Float32Array(hashedDimensions * clusterCapacity);
  readonly #squares = new Float64Array(clusterCapacity);
  readonly #members = new Float64Array(clusterCapacity);
  readonly #dots = new Float64Array(clusterCapacity);
  #size = 0;
  #prompts = 0;
  #scratch = new Float32Array(1_024);

  get size(): number {
    return this.#size;
  }

  /** The nearest cluster; changes nothing. 0 where there is none yet. */
  nearest(features: PromptFeatures): ClusterMatch {
    return this.#find(features, this.#weigh(features));
  }

  /** Takes the prompt in, and gives the cluster that it belongs to. */
  add(features: PromptFeatures): number {
    const length = this.#weigh(features);
    const found = this.#find(features, length);
    const isFirst = this.#size === 0;
    const isNew = isFirst || (length > 0 && found.alike < alikeEnough && this.#size < clusterCapacity);
    const cluster = isNew ? this.#size++ : found.cluster;
    if (length > 0) this.#move(cluster, features.indices, length);
    this.#remember(features.indices);
    return cluster;
  }

  /** Weights of the prompt's words into the scratch space; gives the length of the vector. */
  #weigh({ indices, values }: PromptFeatures): number {
    if (indices.length > this.#scratch.length) this.#scratch = new Float32Array(indices.length);
    let squares = 0;
    for (let at = 0; at < indices.length; at++) {
      const often = this.#rareness[indices[at] as number] as number;
      const weight = (values[at] as number) * Math.log(1 + (this.#prompts + 1) / (often + 0.5));
      this.#scratch[at] = weight;
      squares += weight * weight;
    }
    return Math.sqrt(squares);
  }

  #find({ indices }: PromptFeatures, length: number): ClusterMatch {
    const size = this.#size;
    if (length === 0 || size === 0) return { cluster: 0, alike: 0 };
    const dots = this.#dots.fill(0);
    const weights = this.#weights;
    for (let at = 0; at < indices.length; at++) {
      const weight = this.#scratch[at] as number;
      const start = (indices[at] as number) * clusterCapacity;
      for (let place = 0; place < size; place++)
        dots[place] = (dots[place] as number) + weight * (weights[start + place] as number);
    }
    let cluster = 0;
    let alike = 0;
    for (let place = 0; place < size; place++) {
      const cosine = (dots[place] as number) / (length * Math.sqrt(this.#squares[place] as number) || 1);
      if (cosine > alike) {
        alike = cosine;
        cluster = place;
      }
    }
    return { cluster, alike: Math.min(1, alike) };
  }

  #move(cluster: number, indices: Uint16Array, length: number): void {
    if ((this.#members[cluster] as number) >= heaviest) this.#halve(cluster);
    let squares = this.#squares[cluster] as number;
    for (let at = 0; at < indices.length; at++) {
      const place = (indices[at] as number) * clusterCapacity + cluster;
      const before = this.#weights[place] as number;
      const after = before + (this.#scratch[at] as number) / length;
      this.#weights[place] = after;
      squares += after * after - before * before;
    }
    this.#squares[cluster] = squares;
    this.#members[cluster] = (this.#members[cluster] as number) + 1;
  }

  #halve(cluster: number): void {
    for (let place = cluster; place < this.#weights.length; place += clusterCapacity)
      this.#weights[place] = (this.#weights[place] as number) / 2;
    this.#squares[cluster] = (this.#squares[cluster] as number) / 4;
    this.#members[cluster] = (this.#members[cluster] as number) / 2;
  }

  #remember(indices: Uint16Array): void {
    for (const index of indices) this.#rareness[index] = (this.#rareness[index] as number) + 1;
    this.#prompts++;
    if (this.#prompts < longestMemory) return;
    for (let index = 0; index < hashedDimensions; index++)
      this.#rareness[index] = (this.#rareness[index] as number) / 2;
    this.#prompts /= 2;
  }

  toState(): ClustersState {
    return {
      prompts: this.#prompts,
      rareness: pairsOf(this.#rareness, { from: 0, step: 1 }).filter(([, prompts]) => prompts >= 1.5),
      centres: Array.from({ length: this.#size }, (_, cluster) => ({
        prompts: this.#members[cluster] as number,
        weights: pairsOf(this.#weights, { from: cluster, step: clusterCapacity })
          .toSorted((a, b) => b[1] - a[1])
          .slice(0, keptPerCentre),
      })),
    };
  }

  static fromState(state: ClustersState): PromptClusters {
    const clusters = new PromptClusters();
    clusters.#prompts = state.prompts;
    for (const [index, prompts] of state.rareness) clusters.#rareness[index] = prompts;
    for (const { prompts, weights } of state.centres.slice(0, clusterCapacity)) {
      const cluster = clusters.#size++;
      clusters.#members[cluster] = prompts;
      for (const [index, weight] of weights) {
        clusters.#weights[index * clusterCapacity + cluster] = weight;
        clusters.#squares[cluster] = (clusters.#squares[cluster] as number) + weight * weight;
      }
    }
    return clusters;
  }
}

const pairsOf = (
  numbers: Float32Array,
  { from, step }: { readonly from: number; readonly step: number },
): (readonly [number, number])[] => {
  const pairs: [number, number][] = [];
  for (let place = from; place < numbers.length; place += step) {
    const weight = numbers[place] as number;
    if (weight !== 0) pairs.push([(place - from) / step, Number(weight.toPrecision(4))]);
  }
  return pairs;
};
