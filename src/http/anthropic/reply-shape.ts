import type { ChatRequest } from "../../core/chat.ts";
import { estimateInputTokens } from "../../core/estimate-tokens.ts";
import type { JsonObject } from "../../core/json.ts";
import type { FinishReason } from "../../core/reply.ts";
import type { Usage } from "../../core/usage.ts";

/** The id of a message: Anthropic's own as it came, any other behind Anthropic's prefix. */
export const messageId = (upstreamId: string, callId: string): string => {
  const id = upstreamId === "" ? callId : upstreamId;
  return id.startsWith("msg_") ? id : `msg_${id}`;
};

const stopReasons: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  toolCalls: "tool_use",
  contentFilter: "refusal",
  refusal: "refusal",
  pause: "pause_turn",
};

/** What the end of an answer is made of. */
export interface Ending {
  readonly reason: FinishReason;
  readonly stopSequence: string | undefined;
  readonly hasToolCalls: boolean;
  readonly hasRefusal: boolean;
}

/**
 * `stop_reason` and what goes with it. Some providers end with a plain stop after a call that was demanded, or after a
 * refusal; Anthropic's clients branch on the reason alone, so it follows the content.
 */
export const encodeStop = ({ reason, stopSequence, hasToolCalls, hasRefusal }: Ending) => {
  const base = { stop_details: null, stop_sequence: null };
  if (reason !== "stop") return { ...base, stop_reason: stopReasons[reason] };
  if (hasRefusal) return { ...base, stop_reason: "refusal" };
  if (hasToolCalls) return { ...base, stop_reason: "tool_use" };
  if (stopSequence !== undefined) return { ...base, stop_reason: "stop_sequence", stop_sequence: stopSequence };
  return { ...base, stop_reason: "end_turn" };
};

/** A usage for answers that came without: the format demands numbers. The answer's share is 4 characters a token. */
export const estimateUsage = (request: ChatRequest, answerCharacters: number): Usage => ({
  inputTokens: estimateInputTokens(request),
  outputTokens: Math.ceil(answerCharacters / 4),
});

/** The counters that both a message and the end of a stream have. Here the cached parts are not within the input. */
export const encodeUsage = (usage: Usage | undefined) => {
  const cached = usage?.cachedInputTokens ?? 0;
  const written = usage?.cacheWriteTokens ?? 0;
  const reasoning = usage?.reasoningTokens;
  return {
    input_tokens: Math.max(0, (usage?.inputTokens ?? 0) - cached - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cached,
    output_tokens: usage?.outputTokens ?? 0,
    output_tokens_details: reasoning === undefined ? null : { thinking_tokens: reasoning },
    server_tool_use: null,
  };
};

/** A message without content or end: what a stream begins with, and what a whole answer fills in. */
export const emptyMessage = (id: string, model: string) => ({
  id,
  type: "message",
  role: "assistant",
  model,
  content: [] as readonly JsonObject[],
  stop_reason: null,
  stop_sequence: null,
  stop_details: null,
  container: null,
  diagnostics: null,
  usage: wholeUsage(undefined),
});

/** A message's `usage`. */
export const wholeUsage = (usage: Usage | undefined) => ({
  ...encodeUsage(usage),
  cache_creation: null,
  inference_geo: null,
  service_tier: null,
  speed: null,
});
