import { sortOf } from "../cascades/cascade-parts.ts";
import type { Belief } from "./logits.ts";
import { clusterCapacity } from "./prompt-clusters.ts";
import { noRewards, type RewardSums, shiftOf } from "./reward-sums.ts";

/** How far things may lie from what stands above them, as variances in squared logits. */
export interface Spread {
  /** All targets together from the prior; likewise all parts of cascades of one sort. */
  readonly all: number;
  /** A target from all. */
  readonly target: number;
  /** The same of single targets, by their ids, where more is known. */
  readonly targets?: ReadonlyMap<string, number>;
  /** A target on one kind of prompt from the target as a whole. */
  readonly cluster: number;
}

/** A weighted reward, or with a negative weight one that is taken back. */
export interface Observation {
  readonly target: string;
  readonly cluster: number;
  readonly weight: number;
  /** 0–1. */
  readonly reward: number;
  /** Quality that the prior alone expected, 0–1. */
  readonly expected: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

interface TargetSums {
  /** Drawn to others of its sort only. */
  readonly sort: string;
  readonly clusters: RewardSums[];
  /** Of its clusters, without what stands above; undefined after a change. */
  pooled: Belief | undefined;
}

export interface QualityState {
  readonly origin: number;
  readonly growth: number;
  readonly targets: Readonly<Record<string, readonly (readonly [weight: number, reward: number, expected: number])[]>>;
}

/** Older weights are as if so much smaller, at most, before all are scaled down. */
const largestGrowth = 1e6;

/**
 * What rewards correct of the prior's quality, in logits: a hierarchical normal model (all → target → target on one kind
 * of prompt) that is solved exactly (Gelman and others, "Bayesian Data Analysis", chapter 5). It is made of sums only, so
 * that the order of rewards does not matter and any can be taken back. Old rewards fade by forward decay (Cormode and
 * others, "Forward Decay", ICDE 2009).
 */
export class QualityPosterior {
  readonly #spread: Spread;
  readonly #halfLifeMilliseconds: number;
  readonly #targets = new Map<string, TargetSums>();
  #origin: number | undefined;
  /** Growth of the newest weight against one at the origin. */
  #growth = 1;
  /** By sort; none after a change. */
  readonly #all = new Map<string, Belief>();

  constructor(spread: Spread, halfLifeMilliseconds: number) {
    this.#spread = spread;
    this.#halfLifeMilliseconds = halfLifeMilliseconds;
  }

  add({ target, cluster, weight, reward, expected, at }: Observation): void {
    this.#origin ??= at;
    let growth = 2 ** ((at - this.#origin) / this.#halfLifeMilliseconds);
    if (growth > largestGrowth) {
      this.#scale(1 / growth);
      this.#origin = at;
      this.#growth = 1;
      growth = 1;
    }
    this.#growth = Math.max(this.#growth, growth);
    const sums = this.#sumsOf(target);
    const cell = sums.clusters[cluster] ?? noRewards();
    sums.clusters[cluster] = cell;
    cell.weight = Math.max(0, cell.weight + weight * growth);
    cell.reward = Math.max(0, cell.reward + weight * growth * reward);
    cell.expected = Math.max(0, cell.expected + weight * growth * expected);
    sums.pooled = undefined;
    this.#all.delete(sums.sort);
  }

  /** Belief in the shift of a target on a kind of prompt; what a target without rewards may be is wide. */
  shift(target: string, cluster: number): Belief {
    const above = this.targetShift(target);
    const cell = this.#targets.get(target)?.clusters[cluster];
    const { cluster: spread } = this.#spread;
    if (cell === undefined || cell.weight <= 0) return { mean: above.mean, variance: above.variance + spread };
    const own = shiftOf(this.#now(cell));
    const kept = own.variance / (own.variance + spread);
    return {
      mean: kept * above.mean + (1 - kept) * own.mean,
      variance: kept * spread + kept * kept * above.variance,
    };
  }

  /** Belief in the shift of a target over all kinds of prompts. */
  targetShift(target: string): Belief {
    const sums = this.#targets.get(target);
    const all = this.#allShift(sums?.sort ?? sortOf(target));
    const spread = this.#targetSpread(target);
    const pooled = this.#pooled(sums);
    if (pooled === undefined) return { mean: all.mean, variance: all.variance + spread };
    const kept = pooled.variance / (pooled.variance + spread);
    return {
      mean: kept * all.mean + (1 - kept) * pooled.mean,
      variance: kept * spread + kept * kept * all.variance,
    };
  }

  /** Weight of the rewards that are there of a target, as of the newest. */
  weight(target: string, cluster?: number): number {
    const clusters = this.#targets.get(target)?.clusters ?? [];
    const cells = cluster === undefined ? clusters : [clusters[cluster]];
    return cells.reduce((sum, cell) => sum + (cell?.weight ?? 0), 0) / this.#growth;
  }

  /** Of whom there are rewards: targets, and parts of cascades. */
  names(): readonly string[] {
    return [...this.#targets.keys()];
  }

  /**
   * Lets a target's rewards count for a share of what they did: it has changed, on one kind of prompt or on all, and must
   * be learned anew.
   */
  doubt(target: string, share: number, cluster?: number): void {
    const sums = this.#targets.get(target);
    if (sums === undefined) return;
    const cells = cluster === undefined ? sums.clusters : [sums.clusters[cluster]];
    for (const cell of cells) if (cell !== undefined) scaleSums(cell, share);
    sums.pooled = undefined;
    this.#all.clear();
  }

  toState(): QualityState {
    return {
      origin: this.#origin ?? 0,
      growth: this.#growth,
      targets: Object.fromEntries(
        [...this.#targets].map(([target, { clusters }]) => [
          target,
          Array.from(clusters, (cell) => [cell?.weight ?? 0, cell?.reward ?? 0, cell?.expected ?? 0] as const),
        ]),
      ),
    };
  }

  static fromState(state: QualityState, spread: Spread, halfLifeMilliseconds: number): QualityPosterior {
    const posterior = new QualityPosterior(spread, halfLifeMilliseconds);
    const isEmpty = Object.keys(state.targets).length === 0;
    posterior.#origin = isEmpty ? undefined : state.origin;
    posterior.#growth = isEmpty ? 1 : state.growth;
    for (const [target, cells] of Object.entries(state.targets))
      posterior.#targets.set(target, {
        sort: sortOf(target),
        clusters: cells
          .slice(0, clusterCapacity)
          .map(([weight, reward, expected]): RewardSums => ({ weight, reward, expected })),
        pooled: undefined,
      });
    return posterior;
  }

  #targetSpread(target: string): number {
    return this.#spread.targets?.get(target) ?? this.#spread.target;
  }

  #sumsOf(target: string): TargetSums {
    const known = this.#targets.get(target);
    if (known !== undefined) return known;
    const made: TargetSums = { sort: sortOf(target), clusters: [], pooled: undefined };
    this.#targets.set(target, made);
    return made;
  }

  #now({ weight, reward, expected }: RewardSums): RewardSums {
    return { weight: weight / this.#growth, reward: reward / this.#growth, expected: expected / this.#growth };
  }

  #pooled(sums: TargetSums | undefined): Belief | undefined {
    if (sums === undefined) return undefined;
    if (sums.pooled !== undefined) return sums.pooled;
    let precision = 0;
    let weighted = 0;
    for (const cell of sums.clusters) {
      if (cell === undefined || cell.weight <= 0) continue;
      const { mean, variance } = shiftOf(this.#now(cell));
      const share = 1 / (variance + this.#spread.cluster);
      precision += share;
      weighted += share * mean;
    }
    if (precision === 0) return undefined;
    sums.pooled = { mean: weighted / precision, variance: 1 / precision };
    return sums.pooled;
  }

  #allShift(sort: string): Belief {
    const known = this.#all.get(sort);
    if (known !== undefined) return known;
    let precision = 1 / this.#spread.all;
    let weighted = 0;
    for (const [target, sums] of this.#targets) {
      const pooled = sums.sort === sort ? this.#pooled(sums) : undefined;
      if (pooled === undefined) continue;
      const share = 1 / (pooled.variance + this.#targetSpread(target));
      precision += share;
      weighted += share * pooled.mean;
    }
    const all = { mean: weighted / precision, variance: 1 / precision };
    this.#all.set(sort, all);
    return all;
  }

  #scale(factor: number): void {
    for (const sums of this.#targets.values()) {
      for (const cell of sums.clusters) if (cell !== undefined) scaleSums(cell, factor);
      sums.pooled = undefined;
    }
    this.#all.clear();
  }
}

const scaleSums = (sums: RewardSums, factor: number): void => {
  sums.weight *= factor;
  sums.reward *= factor;
  sums.expected *= factor;
};
