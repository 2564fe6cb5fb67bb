import type { Call } from "../../core/call.ts";
import { costOf, type PicoUsd } from "../../core/money.ts";
import type { Features } from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";

/** Length of an answer where the request sets no limit, in tokens. */
const usualOutputTokens = 500;

/** What a call of usual length would use. */
export const expectedUsage = (call: Call, { estimatedInputTokens }: Features) => {
  const limit = "maxOutputTokens" in call.request ? call.request.maxOutputTokens : undefined;
  const outputTokens = call.operation === "embeddings" ? 0 : Math.min(limit ?? usualOutputTokens, usualOutputTokens);
  return { inputTokens: estimatedInputTokens, outputTokens };
};

/**
 * What the call would about cost there; undefined where the price is not known. One's own hardware without a price counts
 * as free.
 */
export const expectedCost = (
  { target }: Candidate,
  usage: { readonly inputTokens: number; readonly outputTokens: number },
): PicoUsd | undefined => {
  const { price, openWeights } = target.facts;
  if (price === undefined) return openWeights === false ? undefined : 0;
  return costOf(usage, price);
};
