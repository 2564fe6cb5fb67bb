import type { JsonValue } from "../../core/json.ts";
import type { FinishReason } from "../../core/reply.ts";

const reasons: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "toolCalls",
  pause_turn: "pause",
  refusal: "refusal",
};

/**
 * Why the model stopped ("Handling stop reasons"). A word that is not known yet means that it stopped by itself; a
 * message with tool calls for the client then waits for their results.
 */
export const decodeStopReason = (word: string, calls: "has-tool-calls" | "no-tool-calls"): FinishReason => {
  const reason = Object.hasOwn(reasons, word) ? (reasons[word] ?? "stop") : "stop";
  if (reason === "stop" && calls === "has-tool-calls") return "toolCalls";
  // The forced tool that carries a structured answer is no call for the client.
  return reason === "toolCalls" && calls === "no-tool-calls" ? "stop" : reason;
};

/** The stop sequence that ended the answer, where one did. */
export const stopSequenceOf = (value: JsonValue | undefined): { readonly stopSequence?: string } =>
  typeof value === "string" ? { stopSequence: value } : {};
