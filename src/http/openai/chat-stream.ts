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

interface Head {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
}

const usageAbsent = { usage: null };
const nothing = {};

/** Writes a stream as OpenAI's `CreateChatCompletionStreamResponse` events. */
class ChatStreamEncoder implements StreamEncoder<Chunk> {
  readonly #includeUsage: boolean;
  #head: Head;
  #extra: JsonObject = nothing;
  #usage = "";
  /** Choices whose role was told; nearly always the first alone. */
  readonly #begun: number[] = [];
  /** After a splice the head is no longer the one that events come with. */
  #starts = 0;

  constructor({ callId, created, model, request }: AnswerContext<"chat">) {
    this.#includeUsage = request.includeUsage;
    this.#head = { id: `chatcmpl-${callId}`, object: "chat.completion.chunk", created, model };
  }

  encodeBatch(chunks: readonly Chunk[]): string {
    const [only] = chunks;
    if (only === undefined) return "";
    if (chunks.length === 1) return this.#encode(only);
    let text = "";
    for (const chunk of chunks) text += this.#encode(chunk);
    return text;
  }

  finish(): string {
    return `${this.#usage}data: [DONE]\n\n`;
  }

  fail(error: GatewayError): string {
    return `data: ${encodeOpenAiError(error).body}\n\n`;
  }

  #encode(chunk: Chunk): string {
    if (
      chunk.type === "text" &&
      chunk.asSent !== undefined &&
      this.#starts === 1 &&
      this.#begun.includes(chunk.choice)
    ) {
      const text = asAsked(chunk.asSent, this.#includeUsage);
      if (text !== undefined) return `data: ${text}\n\n`;
    }
    if (chunk.type === "start") {
      this.#start(chunk);
      return "";
    }
    if (chunk.type === "usage") {
      if (this.#includeUsage) this.#usage = this.#event({ choices: [], usage: encodeUsage(chunk.usage) });
      return "";
    }
    // In a field that clients which do not know it skip.
    if (chunk.type === "restart")
      return this.#event({ choices: [], intellirouter: { restart: { reason: chunk.reason } } });
    return isShown(chunk) ? this.#choice(chunk) : "";
  }

  #start({ id, created, model, extra }: Chunk & { type: "start" }): void {
    this.#starts += 1;
    const { object } = this.#head;
    this.#head = {
      id: id || this.#head.id,
      object,
      created: created || this.#head.created,
      model: model || this.#head.model,
    };
    this.#extra = answerFields(extra);
  }

  #choice(chunk: Delta): string {
    const { delta, finish } = encodeDelta(chunk);
    const hasBegun = this.#begun.includes(chunk.choice);
    if (!hasBegun) this.#begun.push(chunk.choice);
    const role = hasBegun ? {} : { role: "assistant" };
    const logprobs = "logprobs" in chunk ? (chunk.logprobs ?? null) : null;
    const choice = { index: chunk.choice, delta: { ...role, ...delta }, logprobs, finish_reason: finish };
    return this.#event({ choices: [choice] });
  }

  /** With usage asked for, every chunk carries the field, null until the last. */
  #event(fields: object): string {
    const absent = this.#includeUsage ? usageAbsent : nothing;
    return `data: ${JSON.stringify({ ...this.#head, ...this.#extra, ...absent, ...fields })}\n\n`;
  }
}

export const openChatStream = (context: AnswerContext<"chat">): StreamEncoder<Chunk> => new ChatStreamEncoder(context);
