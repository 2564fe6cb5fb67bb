import type { GatewayError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { AsSent, Chunk } from "../../core/reply.ts";
import type { AnswerContext, StreamEncoder } from "../codec.ts";
import { answerFields, encodeFinishReason, ownFields } from "./encode-chat-reply.ts";
import { encodeOpenAiError } from "./errors.ts";
import { encodeUsage } from "./usage.ts";

type Delta = Exclude<Extract<Chunk, { choice: number }>, { type: "restart" }>;

/** The delta and finish reason of one chunk's only choice. */
const encodeDelta = (chunk: Delta): { delta: JsonObject | Record<string, unknown>; finish: string | null } => {
  switch (chunk.type) {
    case "text":
      return { delta: { content: chunk.text }, finish: null };
    case "reasoning":
      return { delta: { reasoning_content: chunk.text }, finish: null };
    case "refusal":
      return { delta: { refusal: chunk.text }, finish: null };
    case "toolCall": {
      const { toolIndex: index, id, name, arguments: text } = chunk;
      const call =
        id === undefined && name === undefined
          ? { ...chunk.providerData?.openai, index, function: { arguments: text } }
          : { ...chunk.providerData?.openai, index, id, type: "function", function: { name, arguments: text } };
      return { delta: { tool_calls: [call] }, finish: null };
    }
    case "opaque":
      return { delta: ownFields(chunk.extra), finish: null };
    case "finish":
      return { delta: {}, finish: encodeFinishReason(chunk.reason) };
  }
};

const usageField = ',"usage":null';

/** An event as the upstream sent it, with the field for usage only where the client asked for it; undefined where it will not do. */
const asAsked = ({ dialect, hasUsage, text }: AsSent, includeUsage: boolean): string | undefined => {
  if (dialect !== "openai") return undefined;
  if (includeUsage) return hasUsage ? text : undefined;
  if (!hasUsage) return text;
  // Within a string this could not stand: its quotes would be escaped.
  const at = text.lastIndexOf(usageField);
  return at === -1 ? undefined : text.slice(0, at) + text.slice(at + usageField.length);
};

const isShown = (chunk: Chunk): boolean =>
  !(chunk.type === "reasoning" && chunk.text === "") && !(chunk.type === "opaque" && chunk.extra.dialect !== "openai");

/** Writes a stream as OpenAI's `CreateChatCompletionStreamResponse` events. */
export const openChatStream = (context: AnswerContext<"chat">): StreamEncoder<Chunk> => {
  let head = {
    id: `chatcmpl-${context.callId}`,
    object: "chat.completion.chunk",
    created: context.created,
    model: context.model,
  };
  let extra: JsonObject = {};
  let usage = "";
  const begun = new Set<number>();
  /** After a splice the head is no longer the one that events come with. */
  let starts = 0;
  // With usage asked for, every chunk carries the field, null until the last.
  const absent = context.request.includeUsage ? { usage: null } : {};
  const event = (fields: object): string => `data: ${JSON.stringify({ ...head, ...extra, ...absent, ...fields })}\n\n`;
  const choiceEvent = (chunk: Delta): string => {
    const { delta, finish } = encodeDelta(chunk);
    const role = begun.has(chunk.choice) ? {} : { role: "assistant" };
    begun.add(chunk.choice);
    const logprobs = "logprobs" in chunk ? (chunk.logprobs ?? null) : null;
    return event({ choices: [{ index: chunk.choice, delta: { ...role, ...delta }, logprobs, finish_reason: finish }] });
  };
  const encode = (chunk: Chunk): string => {
    if (chunk.type === "text" && chunk.asSent !== undefined && starts === 1 && begun.has(chunk.choice)) {
      const text = asAsked(chunk.asSent, context.request.includeUsage);
      if (text !== undefined) return `data: ${text}\n\n`;
    }
    if (chunk.type === "start") {
      starts += 1;
      head = {
        ...head,
        id: chunk.id || head.id,
        created: chunk.created || head.created,
        model: chunk.model || head.model,
      };
      extra = answerFields(chunk.extra);
      return "";
    }
    if (chunk.type === "usage") {
      if (context.request.includeUsage) usage = event({ choices: [], usage: encodeUsage(chunk.usage) });
      return "";
    }
    // In a field that clients which do not know it skip.
    if (chunk.type === "restart") return event({ choices: [], intellirouter: { restart: { reason: chunk.reason } } });
    return isShown(chunk) ? choiceEvent(chunk) : "";
  };
  return {
    encodeBatch: (chunks) => chunks.map(encode).join(""),
    finish: () => `${usage}data: [DONE]\n\n`,
    fail: (error: GatewayError) => `data: ${encodeOpenAiError(error).body}\n\n`,
  };
};
