import { costOf, toUsd } from "../../core/money.ts";
import type { ListStrategy } from "../../core/ports/strategy.ts";
import { byScore } from "./by-score.ts";

/** Length of an answer where the request sets no limit, in tokens. */
const usualOutputTokens = 500;

/** The cheapest target for this prompt and length of answer. One's own hardware without a price counts as free. */
export const costFirst: ListStrategy = {
  kind: "cost-first",
  rank: (candidates, call, features) => {
    const limit = "maxOutputTokens" in call.request ? call.request.maxOutputTokens : undefined;
    const outputTokens = call.operation === "embeddings" ? 0 : Math.min(limit ?? usualOutputTokens, usualOutputTokens);
    const usage = { inputTokens: features.estimatedInputTokens, outputTokens };
    return byScore(
      candidates.map((candidate) => {
        const { price, openWeights } = candidate.target.facts;
        if (price === undefined)
          return openWeights === false
            ? { candidate, score: Number.NEGATIVE_INFINITY, reason: "price not known" }
            : { candidate, score: 0, reason: "no price: counted as free" };
        const cost = costOf(usage, price);
        return { candidate, score: cost === 0 ? 0 : -cost, reason: `about ${toUsd(cost).toFixed(6)} USD` };
      }),
    );
  },
};
