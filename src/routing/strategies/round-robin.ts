import type { ListStrategy } from "../../core/ports/strategy.ts";

/** Each call begins one target further; the others follow in order. */
export const roundRobin: ListStrategy = {
  kind: "round-robin",
  rank: (candidates, _call, { sequence }) =>
    candidates
      .map((_, index) => candidates[(sequence + index) % candidates.length])
      .filter((candidate) => candidate !== undefined)
      .map((candidate, index) => ({ candidate, score: -index, reason: `turn ${sequence + 1}, place ${index + 1}` })),
};
