/** Below so many calls a share says nothing yet. */
const fewest = 20;

/** Keeps second attempts to a share of each route's calls. Counts are halved now and then, so that old calls fade. */
export class HedgeBudget {
  readonly #routes = new Map<string, { calls: number; hedges: number }>();

  call(route: string): void {
    const counts = this.#routes.get(route) ?? { calls: 0, hedges: 0 };
    this.#routes.set(route, counts);
    counts.calls += 1;
    if (counts.calls < 1_000) return;
    counts.calls /= 2;
    counts.hedges /= 2;
  }

  /** Takes one out of the budget; false where the share is used up. */
  take(route: string, maxShare: number): boolean {
    const counts = this.#routes.get(route);
    if (counts === undefined || counts.hedges + 1 > maxShare * Math.max(counts.calls, fewest)) return false;
    counts.hedges += 1;
    return true;
  }
}
