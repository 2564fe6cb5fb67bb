import type { Call } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import { estimateTextTokens } from "../../core/estimate-tokens.ts";
import type { PrefillMode } from "../../core/ports/provider.ts";
import type { Expected } from "./splice.ts";

/** The beginning without the white space at its end, which several providers refuse there. */
const withoutEnd = (text: string): string => text.trimEnd();

/** The call with the delivered text as the beginning of the assistant's answer. */
export const prefilled = (call: Call, delivered: string): Call => {
  const request = call.request as ChatRequest;
  const limit = request.maxOutputTokens;
  const begun: ChatRequest = {
    ...request,
    // The client's limit holds for the whole answer.
    ...(limit === undefined ? {} : { maxOutputTokens: Math.max(1, limit - estimateTextTokens(delivered)) }),
    continueFinal: true,
    messages: [...request.messages, { role: "assistant", content: [{ type: "text", text: withoutEnd(delivered) }] }],
  };
  return { ...call, request: begun };
};

/** What a target that was given the beginning sends of it again: nothing but the white space, or all of it. */
export const expectedAfterPrefill = (mode: PrefillMode, delivered: string): Expected => ({
  mayReason: false,
  text: mode === "echoes" ? delivered : delivered.slice(withoutEnd(delivered).length),
  refusal: "",
  calls: [],
});
