import { BoundedMap } from "../core/bounded-map.ts";
import type { PicoUsd } from "../core/money.ts";

/** Below so many calls a share says nothing yet. */
const fewest = 20;
/** Old calls fade: all counts are halved after so many. */
const halving = 1_000;
const mostRoutes = 1_000;

interface Counts {
  calls: number;
  hedges: number;
  callCost: PicoUsd;
  hedgeCost: PicoUsd;
}

/** What a second attempt would be, and how many of them a route may have. */
export interface HedgeRequest {
  readonly route: string;
  /** Upper bound of what it costs; 0 where that is not known. */
  readonly cost: PicoUsd;
  /** Of the route's calls, and of their cost. */
  readonly maxShare: number;
}

/** Keeps second attempts to a share of each route's calls, and of what those cost at most. */
export class HedgeBudget {
  readonly #routes = new BoundedMap<string, Counts>(mostRoutes);

  /** Counts a call; `cost` as in {@link HedgeRequest}. */
  call(route: string, cost: PicoUsd): void {
    const counts = this.#routes.getOrMake(route, () => ({ calls: 0, hedges: 0, callCost: 0, hedgeCost: 0 }));
    counts.calls += 1;
    counts.callCost += cost;
    if (counts.calls < halving) return;
    counts.calls /= 2;
    counts.hedges /= 2;
    counts.callCost /= 2;
    counts.hedgeCost /= 2;
  }

  /** Takes one out of the budget; false where either share is used up. */
  take({ route, cost, maxShare }: HedgeRequest): boolean {
    const counts = this.#routes.get(route);
    if (counts === undefined || counts.hedges + 1 > maxShare * Math.max(counts.calls, fewest)) return false;
    if (cost > 0 && counts.hedgeCost + cost > maxShare * Math.max(counts.callCost, fewest * cost)) return false;
    counts.hedges += 1;
    counts.hedgeCost += cost;
    return true;
  }
}
