import type { Ranked } from "../../core/ports/strategy.ts";

/** Best score first; equal scores keep the route's order. */
export const byScore = (ranked: readonly Ranked[]): readonly Ranked[] => ranked.toSorted((a, b) => b.score - a.score);
