import type { AssistantPart } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Choice, Completion, Extra, FinishReason } from "../../core/reply.ts";
import type { AnswerContext } from "../codec.ts";
import { encodeUsage } from "./usage.ts";

const finishReasons: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  length: "length",
  toolCalls: "tool_calls",
  contentFilter: "content_filter",
  refusal: "content_filter",
  pause: "stop",
};

export const encodeFinishReason = (reason: FinishReason): string => finishReasons[reason];

/** Fields that came in this dialect go out in it; another dialect's stay inside. */
export const ownFields = (extra: Extra | undefined): JsonObject => (extra?.dialect === "openai" ? extra.fields : {});

const serviceTiers: ReadonlySet<unknown> = new Set(["auto", "default", "flex", "scale", "priority", "fast", null]);

/** The same for a whole answer: a tier of another provider's making would fail a client that checks the schema. */
export const answerFields = (extra: Extra | undefined): JsonObject => {
  const { service_tier: tier, ...fields } = ownFields(extra);
  return tier !== undefined && serviceTiers.has(tier) ? { ...fields, service_tier: tier } : fields;
};

const joined = (parts: readonly AssistantPart[], type: "text" | "reasoning" | "refusal"): string | null => {
  const texts = parts.flatMap((part) => (part.type === type ? [part.text] : []));
  return texts.length === 0 ? null : texts.join("");
};

const encodeMessage = ({ content, extra }: Choice) => {
  const calls = content.filter((part) => part.type === "toolCall");
  const opaque = content.flatMap((part) => (part.type === "opaque" && part.dialect === "openai" ? [part.value] : []));
  const reasoning = joined(content, "reasoning");
  return {
    role: "assistant",
    content: joined(content, "text"),
    refusal: joined(content, "refusal"),
    ...(reasoning === null ? {} : { reasoning_content: reasoning }),
    ...(calls.length + opaque.length === 0
      ? {}
      : {
          tool_calls: [
            ...calls.map(({ id, name, arguments: text, providerData }) => ({
              ...providerData?.openai,
              id,
              type: "function",
              function: { name, arguments: text },
            })),
            ...opaque,
          ],
        }),
    ...ownFields(extra),
  };
};

/** A whole answer as OpenAI's `CreateChatCompletionResponse`. */
export const encodeChatReply = (completion: Completion, context: AnswerContext<"chat">): string =>
  JSON.stringify({
    ...answerFields(completion.extra),
    id: completion.id || `chatcmpl-${context.callId}`,
    object: "chat.completion",
    created: completion.created || context.created,
    model: completion.model || context.model,
    choices: completion.choices.map((choice) => ({
      index: choice.index,
      message: encodeMessage(choice),
      logprobs: choice.logprobs ?? null,
      finish_reason: encodeFinishReason(choice.finishReason),
    })),
    ...(completion.usage === undefined ? {} : { usage: encodeUsage(completion.usage) }),
  });
