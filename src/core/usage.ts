/**
 * Tokens of one call or attempt. `inputTokens` and `outputTokens` are totals; the other counts of tokens say which part
 * of them was of a special kind and are never added on top.
 */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of the input that was read from the provider's prompt cache. */
  readonly cachedInputTokens?: number;
  /** Part of the input that was written to the provider's prompt cache. */
  readonly cacheWriteTokens?: number;
  /** Part of `cacheWriteTokens` that was written for an hour instead of minutes. */
  readonly longCacheWriteTokens?: number;
  readonly audioInputTokens?: number;
  /** Part of both `cachedInputTokens` and `audioInputTokens`. */
  readonly cachedAudioInputTokens?: number;
  readonly imageInputTokens?: number;
  /** Part of the output that was reasoning. */
  readonly reasoningTokens?: number;
  readonly audioOutputTokens?: number;
  readonly imageOutputTokens?: number;
  readonly acceptedPredictionTokens?: number;
  readonly rejectedPredictionTokens?: number;
  /** Searches that the provider made for the answer; no tokens. */
  readonly searches?: number;
  /** What the provider itself says that this cost, in 10⁻¹² USD; no tokens. */
  readonly reportedCostPicoUsd?: number;
}

/** Where a usage came from: the provider said so, it was estimated from what was delivered, or nothing is known. */
export type UsageSource = "reported" | "estimated" | "unknown";

/** Both together: of an answer that was made in several attempts. */
export const addUsage = (left: Usage, right: Usage): Usage => {
  const sum: Record<string, number> = { ...left };
  for (const [kind, tokens] of Object.entries(right) as [string, number][]) sum[kind] = (sum[kind] ?? 0) + tokens;
  return sum as unknown as Usage;
};
