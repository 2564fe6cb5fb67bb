import type { FinishReason } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { failureWithin } from "./errors.ts";

const reasons: Readonly<Record<string, FinishReason>> = {
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop",
  MAX_TOKENS: "length",
  ERROR_LIMIT: "length",
  TOOL_CALL: "toolCalls",
  ERROR_TOXIC: "contentFilter",
};

interface Answer {
  readonly provider: string;
  readonly hasToolCalls: boolean;
  /** What the provider says went wrong. */
  readonly error?: unknown;
}

/**
 * Why the answer ended ("Chat", `finish_reason`). Throws where it was broken off: it must not look finished. A word that
 * is not known yet means that the model stopped by itself.
 */
export const decodeFinishReason = (word: unknown, { provider, hasToolCalls, error }: Answer): FinishReason => {
  if (word === "ERROR" || word === "USER_CANCEL") throw failureWithin(provider, error);
  if (word === "TIMEOUT") throw failureWithin(provider, error ?? "it took longer than it allows", "upstream_timeout");
  if (typeof word !== "string") throw malformed(provider, "an answer that does not say why it ended");
  const reason = Object.hasOwn(reasons, word) ? (reasons[word] ?? "stop") : "stop";
  return reason === "stop" && hasToolCalls ? "toolCalls" : reason;
};
