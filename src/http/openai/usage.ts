import type { Usage } from "../../core/usage.ts";

/** Token counts as OpenAI shows them on chat and text completions. */
export const encodeUsage = (usage: Usage) => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.outputTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedInputTokens ?? 0, audio_tokens: usage.audioInputTokens ?? 0 },
  completion_tokens_details: {
    reasoning_tokens: usage.reasoningTokens ?? 0,
    audio_tokens: usage.audioOutputTokens ?? 0,
    accepted_prediction_tokens: usage.acceptedPredictionTokens ?? 0,
    rejected_prediction_tokens: usage.rejectedPredictionTokens ?? 0,
  },
});
