import { BoundedMap } from "../../../core/bounded-map.ts";

/** The newest value counts for this share at least, so that a change shows. */
const leastStep = 0.03;
/** One call changes what is expected by no more than this factor either way. */
const largestSurprise = 8;
/** Targets, and kinds of prompts on them. */
const remembered = 5_000;

interface Correction {
  count: number;
  logarithm: number;
}

export type CorrectionsState = readonly (readonly [key: string, count: number, logarithm: number])[];

/**
 * Factors by which what is expected of a target (cost, duration) must be multiplied, learned from what came: the mean
 * logarithm of the ratio, for the target and for a kind of prompt on it.
 */
export class Corrections {
  readonly #known = new BoundedMap<string, Correction>(remembered);

  /** 1 where nothing is known. */
  factor(target: string, cluster: number): number {
    const whole = this.#known.get(target);
    const part = this.#known.get(`${cluster}\n${target}`);
    return Math.exp((whole?.logarithm ?? 0) + (part?.logarithm ?? 0));
  }

  /** Takes in what came where `expected` was expected, that factor included. Both above 0, or it is passed over. */
  observe(
    target: string,
    cluster: number,
    { expected, actual }: { readonly expected: number; readonly actual: number },
  ): void {
    if (!(expected > 0 && actual > 0)) return;
    const most = Math.log(largestSurprise);
    const surprise = Math.max(-most, Math.min(most, Math.log(actual / expected)));
    // The kind of prompt gets the larger part: what the target as a whole has wrong shows in all of them.
    this.#move(target, surprise * 0.4);
    this.#move(`${cluster}\n${target}`, surprise * 0.6);
  }

  /** The same of what several targets came to together: each is surprising by its share of what was expected. */
  observeSum(
    parts: readonly { readonly target: string; readonly expected: number }[],
    cluster: number,
    actual: number,
  ): void {
    const sum = parts.reduce((total, { expected }) => total + expected, 0);
    if (!(sum > 0)) return;
    for (const { target, expected } of parts)
      this.observe(target, cluster, { expected, actual: expected * (actual / sum) ** (expected / sum) });
  }

  forget(target: string): void {
    for (const [key] of this.toState()) if (key === target || key.endsWith(`\n${target}`)) this.#known.delete(key);
  }

  #move(key: string, surprise: number): void {
    const correction = this.#known.getOrMake(key, () => ({ count: 0, logarithm: 0 }));
    correction.count++;
    correction.logarithm += surprise * Math.max(leastStep, 1 / (correction.count + 1));
  }

  toState(): CorrectionsState {
    return [...this.#known.entries()].map(([key, { count, logarithm }]) => [key, count, logarithm]);
  }

  static fromState(state: CorrectionsState): Corrections {
    const corrections = new Corrections();
    for (const [key, count, logarithm] of state) corrections.#known.getOrMake(key, () => ({ count, logarithm }));
    return corrections;
  }
}
