import { BoundedMap } from "../../../core/bounded-map.ts";
import type { RewardSource } from "../../../core/ports/learning.ts";

/** What one word counts for, by how far its source is trusted. */
export const trust: Readonly<Record<RewardSource, number>> = { verifier: 1, rating: 0.6, judge: 0.5, implicit: 0.2 };

/** Weight of one giver on one target and kind of prompt that counts in full within a day; more adds its logarithm. */
const fullPerDay = 200;
/** A giver counts for at most this share of what others said of the same, but for the first words. */
const mostAgainstOthers = 1;
const free = 20;
/** Givers that are remembered, for one target and kind of prompt each. */
const remembered = 20_000;
const day = 86_400_000;

interface Given {
  day: number;
  /** Weight that was offered today. */
  words: number;
  total: number;
}

export interface GiverWord {
  readonly tenant: string;
  readonly giver: string;
  readonly target: string;
  readonly cluster: number;
  readonly weight: number;
  readonly at: number;
  /** Weight of all rewards of this target on this kind of prompt. */
  readonly known: number;
}

/**
 * Bounds what one giver can do, so that nobody turns a route alone: by day, and against what others said. Whoever is the
 * only one to give anything is bounded by day alone.
 */
export class GiverLimits {
  readonly #given = new BoundedMap<string, Given>(remembered);

  /** How much of the weight may count; notes that it does. */
  admit({ tenant, giver, target, cluster, weight, at, known }: GiverWord): number {
    const given = this.#given.getOrMake(`${tenant}\n${giver}\n${cluster}\n${target}`, () => ({
      day: 0,
      words: 0,
      total: 0,
    }));
    const today = Math.floor(at / day);
    if (given.day !== today) {
      given.day = today;
      given.words = 0;
    }
    given.words += weight;
    const others = Math.max(0, known - given.total);
    const most = others > 0 ? Math.max(free, others * mostAgainstOthers) - given.total : Number.POSITIVE_INFINITY;
    const admitted = Math.max(0, Math.min(weight * Math.min(1, fullPerDay / given.words), most));
    given.total += admitted;
    return admitted;
  }

  /** What was said of a target is forgotten: it has changed. */
  forget(tenant: string, target: string): void {
    for (const [key] of [...this.#given.entries()])
      if (key.startsWith(`${tenant}\n`) && key.endsWith(`\n${target}`)) this.#given.delete(key);
  }
}
