import type { AssistantPart, ProviderData, ToolCallPart } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../core/json.ts";
import type { Completion, Extra, FinishReason } from "../../core/reply.ts";
import type { AnswerContext } from "../codec.ts";
import { emptyMessage, encodeStop, estimateUsage, messageId, wholeUsage } from "./reply-shape.ts";

const native = (part: { readonly providerData?: ProviderData }): JsonObject => part.providerData?.anthropic ?? {};
/** The fields that came in Anthropic's own dialect. */
export const nativeFields = (extra: Extra | undefined): JsonObject =>
  extra?.dialect === "anthropic" ? extra.fields : {};

/**
 * A tool call's arguments as the object that `input` must be; no text at all is no arguments. Throws GatewayError
 * `upstream_invalid_response` where the model wrote something else: an invented object would be run as if it were meant.
 */
export const toolInput = (name: string, text: string, reason?: FinishReason): JsonObject => {
  if (text.trim() === "") return {};
  const input = parseJson(text);
  if (isJsonObject(input)) return input;
  const why =
    reason === "length"
      ? "the answer reached max_tokens within them; raise max_tokens"
      : "they are not a JSON object; try again or use another model";
  throw new GatewayError("upstream_invalid_response", `The model's arguments for ${name} cannot be read: ${why}.`);
};

const encodeToolCall = (part: ToolCallPart, reason: FinishReason): JsonObject => ({
  type: "tool_use",
  id: part.id,
  name: part.name,
  input: toolInput(part.name, part.arguments, reason),
  caller: { type: "direct" },
  ...native(part),
});

/** The block for a part; undefined where there is nothing to show or only another dialect could show it. */
const encodePart = (part: AssistantPart, reason: FinishReason): JsonObject | undefined => {
  switch (part.type) {
    case "text":
    case "refusal":
      return part.text === "" ? undefined : { type: "text", text: part.text, citations: null, ...native(part) };
    case "reasoning": {
      const fields = native(part);
      if (part.text === "" && fields["signature"] === undefined) return undefined;
      return { type: "thinking", thinking: part.text, signature: "", ...fields };
    }
    case "toolCall":
      return encodeToolCall(part, reason);
    case "opaque":
      return part.dialect === "anthropic" ? part.value : undefined;
  }
};

const characters = (content: readonly AssistantPart[]): number => {
  let sum = 0;
  for (const part of content) {
    if (part.type === "toolCall") sum += part.arguments.length;
    else if (part.type !== "opaque") sum += part.text.length;
  }
  return sum;
};

/**
 * A whole answer as Anthropic's Message; of several choices the first. Throws GatewayError `upstream_invalid_response`
 * where a tool call's arguments are not a JSON object or there is no choice.
 */
export const encodeMessagesReply = (completion: Completion, context: AnswerContext<"chat">): JsonObject => {
  const choice = completion.choices[0];
  if (choice === undefined)
    throw new GatewayError("upstream_invalid_response", "The upstream answered without a choice. Try again.");
  const { content, finishReason, stopSequence } = choice;
  return {
    ...emptyMessage(messageId(completion.id, context.callId), completion.model || context.model),
    content: content.flatMap((part) => encodePart(part, finishReason) ?? []),
    ...encodeStop({
      reason: finishReason,
      stopSequence,
      hasToolCalls: content.some((part) => part.type === "toolCall"),
      hasRefusal: content.some((part) => part.type === "refusal" && part.text !== ""),
    }),
    ...nativeFields(completion.extra),
    ...nativeFields(choice.extra),
    usage: wholeUsage(completion.usage ?? estimateUsage(context.request, characters(content))),
  };
};
