import type { Ranked, Ranking } from "../../core/ports/strategy.ts";

/** What a strategy answered, as a ranking. */
export const toRanking = (answer: readonly Ranked[] | Ranking): Ranking =>
  "ranked" in answer ? answer : { ranked: answer };
