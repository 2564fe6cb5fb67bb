/** The newest decision counts for this share at least. */
const leastStep = 0.02;

export type ConstantScoresState = readonly (readonly [target: string, count: number, score: number])[];

/** What each target would have been worth on the route's prompts of late, by the lower bound of its utility. */
export class ConstantScores {
  readonly #scores = new Map<string, { count: number; score: number }>();

  constructor(state: ConstantScoresState = []) {
    for (const [target, count, score] of state) this.#scores.set(target, { count, score });
  }

  note(target: string, utility: number): void {
    const known = this.#scores.get(target);
    if (known === undefined) this.#scores.set(target, { count: 1, score: utility });
    else {
      known.count++;
      known.score += (utility - known.score) * Math.max(leastStep, 1 / known.count);
    }
  }

  /** Minus infinity where the target was never weighed. */
  scoreOf(target: string): number {
    return this.#scores.get(target)?.score ?? Number.NEGATIVE_INFINITY;
  }

  toState(): ConstantScoresState {
    return [...this.#scores].map(([target, { count, score }]) => [target, count, score]);
  }
}
