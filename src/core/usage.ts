/**
 * Tokens of one call or attempt. `inputTokens` and `outputTokens` are totals; the other fields say which part of them
 * was of a special kind and are never added on top.
 */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of the input that was read from the provider's prompt cache. */
  readonly cachedInputTokens?: number;
  /** Part of the input that was written to the provider's prompt cache. */
  readonly cacheWriteTokens?: number;
  readonly audioInputTokens?: number;
  readonly imageInputTokens?: number;
  /** Part of the output that was reasoning. */
  readonly reasoningTokens?: number;
  readonly audioOutputTokens?: number;
  readonly acceptedPredictionTokens?: number;
  readonly rejectedPredictionTokens?: number;
}

/** Where a usage came from: the provider said so, it was estimated from what was delivered, or nothing is known. */
export type UsageSource = "reported" | "estimated" | "unknown";

/** Both together: of an answer that was made in several attempts. */
export const addUsage = (left: Usage, right: Usage): Usage => {
  const sum: Record<string, number> = { ...left };
  for (const [kind, tokens] of Object.entries(right) as [string, number][]) sum[kind] = (sum[kind] ?? 0) + tokens;
  return sum as unknown as Usage;
};
