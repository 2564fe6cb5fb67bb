import { namesTarget } from "../../core/names-target.ts";
import type { Ranked, Strategy } from "../../core/ports/strategy.ts";
import { putFirst } from "./put-first.ts";
import { toRanking } from "./to-ranking.ts";

/** The targets of a name first, the others as a strategy has them; what that one excludes stays excluded. */
export const pinnedTo = (name: string, strategy: Strategy): Strategy => ({
  kind: "pinned",
  ...(strategy.asksAlways ? { asksAlways: true } : {}),
  ...(strategy.readsQuota ? { readsQuota: true } : {}),
  rank(candidates, call, features) {
    const ranking = toRanking(strategy.rank(candidates, call, features));
    const pinned = ranking.ranked.filter(({ candidate }) => namesTarget(name, candidate.target));
    const first = pinned.map(
      ({ candidate }, index): Ranked => ({ candidate, score: -index, reason: "the session is pinned to it" }),
    );
    return putFirst(first, ranking);
  },
});
