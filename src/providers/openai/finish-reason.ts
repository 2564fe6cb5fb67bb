import { GatewayError } from "../../core/errors.ts";
import type { FinishReason } from "../../core/reply.ts";

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  tool_calls: "toolCalls",
  function_call: "toolCalls",
  content_filter: "contentFilter",
  refusal: "refusal",
};

/** Words for an answer that was broken off: it must not look finished. */
const failures: ReadonlySet<string> = new Set(["error", "abort", "insufficient_system_resource"]);

/**
 * Why a choice ended. An unknown word (`eos`, `end_turn` …) means that the model stopped by itself. A choice that holds
 * tool calls waits for their results, whatever word came with it.
 */
export const decodeFinishReason = (
  word: unknown,
  choice: { readonly provider: string; readonly hasToolCalls: boolean },
): FinishReason => {
  if (typeof word === "string" && failures.has(word))
    throw new GatewayError(
      word === "insufficient_system_resource" ? "upstream_overloaded" : "upstream_error",
      `Provider '${choice.provider}' broke its answer off ('${word}').`,
      { provider: choice.provider },
    );
  const known = typeof word === "string" && Object.hasOwn(reasons, word) ? reasons[word] : undefined;
  const reason = known ?? "stop";
  return reason === "stop" && choice.hasToolCalls ? "toolCalls" : reason;
};
