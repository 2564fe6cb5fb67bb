import type { Call } from "../core/call.ts";
import type { Target } from "../core/model.ts";
import { dearestCostOf, type PicoUsd } from "../core/money.ts";

/**
 * An upper bound of what one attempt can cost. A byte-level tokenizer makes no more tokens than there are bytes; the
 * answer is bounded by the request's limit or the model's own. Null where there is no price or no bound.
 */
export const worstCase = (call: Call, { facts }: Target): PicoUsd | null => {
  if (facts.price === undefined) return null;
  const inputTokens = call.wire.bytes;
  if (call.operation === "embeddings") return dearestCostOf({ inputTokens, outputTokens: 0 }, facts.price);
  const request = call.request as { readonly maxOutputTokens?: number; readonly n?: number };
  const limit = request.maxOutputTokens ?? facts.maxOutputTokens ?? facts.contextTokens;
  if (limit === undefined) return null;
  return dearestCostOf({ inputTokens, outputTokens: limit * (request.n ?? 1) }, facts.price);
};
