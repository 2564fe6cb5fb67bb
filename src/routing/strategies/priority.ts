import type { ListStrategy } from "../../core/ports/strategy.ts";

/** The order in which the route lists its targets. */
export const priority: ListStrategy = {
  kind: "priority",
  rank: (candidates) =>
    candidates.map((candidate, index) => ({ candidate, score: -index, reason: `place ${index + 1} of the route` })),
};
