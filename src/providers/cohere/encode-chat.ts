import type { ChatRequest, ResponseFormat } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { defined } from "../request.ts";
import { encodeMessages } from "./encode-messages.ts";
import { encodeTools } from "./encode-tools.ts";
import { nativeChatFields } from "./native-fields.ts";
import { encodeThinking } from "./thinking.ts";

const encodeFormat = (format: ResponseFormat | undefined): JsonObject | undefined => {
  if (format === undefined) return undefined;
  if (format.kind === "text") return { type: "text" };
  return { type: "json_object", ...(format.kind === "schema" ? { json_schema: format.schema } : {}) };
};

/** The API takes 0.01 to 0.99; its default is 0.75, so that 1 (no cut) must be said, as nearly as can be. */
const encodeTopP = (topP: number | undefined): number | undefined =>
  topP === undefined ? undefined : Math.min(0.99, Math.max(0.01, topP));

/** A chat request in Cohere's wire format ("Chat", Cohere API reference v2). */
export const encodeChatBody = (request: ChatRequest, target: Target): Readonly<Record<string, unknown>> => ({
  ...nativeChatFields(request.extra),
  ...defined({
    model: target.model,
    messages: encodeMessages(request.messages, target.facts.reasoning === false ? "refused" : "taken"),
    ...encodeTools(request),
    max_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    p: encodeTopP(request.topP),
    k: request.topK,
    stop_sequences: request.stop,
    seed: request.seed,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    logprobs: request.logprobs === true ? true : undefined,
    response_format: encodeFormat(request.responseFormat),
    thinking: encodeThinking(request, target),
    stream: request.stream,
  }),
});
