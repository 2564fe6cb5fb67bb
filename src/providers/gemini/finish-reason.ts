import { GatewayError } from "../../core/errors.ts";
import type { FinishReason } from "../../core/reply.ts";

/** `FinishReason` of "Generating content" (ai.google.dev): what each value means here. */
const reasons: ReadonlyMap<string, FinishReason | "failed"> = new Map(
  Object.entries({
    STOP: "stop",
    MAX_TOKENS: "length",
    SAFETY: "contentFilter",
    RECITATION: "contentFilter",
    LANGUAGE: "contentFilter",
    BLOCKLIST: "contentFilter",
    PROHIBITED_CONTENT: "contentFilter",
    SPII: "contentFilter",
    IMAGE_SAFETY: "contentFilter",
    IMAGE_PROHIBITED_CONTENT: "contentFilter",
    IMAGE_RECITATION: "contentFilter",
    MALFORMED_FUNCTION_CALL: "failed",
    MALFORMED_RESPONSE: "failed",
    UNEXPECTED_TOOL_CALL: "failed",
    TOO_MANY_TOOL_CALLS: "failed",
    MISSING_THOUGHT_SIGNATURE: "failed",
    NO_IMAGE: "failed",
  } as const),
);

/**
 * Why a candidate ended. Of the values without a row (`OTHER`, `IMAGE_OTHER`, later ones) only this is known: Gemini
 * ended the answer, not the model. Throws `upstream_error` where the model went wrong and may do better next time.
 */
export const readFinishReason = (
  value: string,
  context: { readonly hasToolCalls: boolean; readonly provider: string },
): FinishReason => {
  const reason = reasons.get(value) ?? "contentFilter";
  if (reason === "failed")
    throw new GatewayError(
      "upstream_error",
      `Provider '${context.provider}' ended the answer as failed (${value}). Try again.`,
      { provider: context.provider },
    );
  return reason === "stop" && context.hasToolCalls ? "toolCalls" : reason;
};
