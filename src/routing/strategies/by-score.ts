import type { Ranked } from "../../core/ports/strategy.ts";

/** Best score first; equal scores keep the route's order. */
export const byScore = (ranked: readonly Ranked[]): readonly Ranked[] => {
  const [first, second] = ranked;
  if (ranked.length === 2 && first !== undefined && second !== undefined)
    return second.score > first.score ? [second, first] : ranked;
  // Mostly they stand so already, since the order changes seldom.
  for (let place = 1; place < ranked.length; place++)
    if (!((ranked[place - 1] as Ranked).score >= (ranked[place] as Ranked).score))
      return ranked.toSorted((a, b) => b.score - a.score);
  return ranked;
};
