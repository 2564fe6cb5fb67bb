import { toUsd } from "../../core/money.ts";
import type { ListStrategy, Ranked } from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";
import { byScore } from "./by-score.ts";
import { expectedCost, expectedUsage } from "./expected-cost.ts";

const judge = (candidate: Candidate, usage: ReturnType<typeof expectedUsage>): Ranked => {
  const cost = expectedCost(candidate, usage);
  if (cost === undefined) return { candidate, score: Number.NEGATIVE_INFINITY, reason: "price not known" };
  if (candidate.target.facts.price === undefined) return { candidate, score: 0, reason: "no price: counted as free" };
  return { candidate, score: cost === 0 ? 0 : -cost, reason: `about ${toUsd(cost).toFixed(6)} USD` };
};

/** The cheapest target for this prompt and length of answer. One's own hardware without a price counts as free. */
export const costFirst: ListStrategy = {
  kind: "cost-first",
  rank: (candidates, call, features) => {
    const usage = expectedUsage(call, features);
    return byScore(candidates.map((candidate) => judge(candidate, usage)));
  },
};
