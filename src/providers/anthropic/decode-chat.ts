import type { ChatRequest } from "../../core/chat.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Completion, Extra } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { type BlockReader, decodeBlock, leftoverFields } from "./decode-blocks.ts";
import { failureWithin, isErrorBody } from "./errors.ts";
import { decodeStopReason, stopSequenceOf } from "./stop-reason.ts";
import { isAnswerTool } from "./structured-output.ts";
import { decodeUsage } from "./usage.ts";

const messageFields: ReadonlySet<string> = new Set([
  "id",
  "type",
  "role",
  "model",
  "content",
  "stop_reason",
  "stop_sequence",
  "usage",
]);

export const readerFor = (provider: string, request: ChatRequest): BlockReader => ({
  provider,
  isAnswer: (toolName) => isAnswerTool(toolName, request),
});

/** What a message says of itself; `extra` holds `container`, `stop_details` and what else came. */
export const decodeHead = (message: JsonObject) => {
  const { id, model } = message;
  const fields = leftoverFields(message, messageFields);
  const extra: Extra | undefined = Object.keys(fields).length === 0 ? undefined : { dialect: "anthropic", fields };
  return {
    id: typeof id === "string" ? id : "",
    created: 0,
    model: typeof model === "string" ? model : "",
    ...(extra === undefined ? {} : { extra }),
  };
};

/** A whole answer ("The Message object", Anthropic API reference). */
export const decodeCompletion = (body: unknown, request: ChatRequest, provider: string): Completion => {
  if (!isJsonObject(body)) throw malformed(provider, "an answer that is not a JSON object");
  if (isErrorBody(body)) throw failureWithin(provider, body);
  const { content: blocks, stop_reason: reason } = body;
  if (!Array.isArray(blocks)) throw malformed(provider, "an answer without content");
  if (typeof reason !== "string") throw malformed(provider, "an answer that does not say why it ended");
  const reader = readerFor(provider, request);
  const content = blocks.map((block, position) => decodeBlock(block, position, reader));
  const calls = content.some(({ type }) => type === "toolCall") ? "has-tool-calls" : "no-tool-calls";
  const usage = decodeUsage(body["usage"]);
  return {
    ...decodeHead(body),
    choices: [
      { index: 0, content, finishReason: decodeStopReason(reason, calls), ...stopSequenceOf(body["stop_sequence"]) },
    ],
    ...(usage === undefined ? {} : { usage }),
  };
};
