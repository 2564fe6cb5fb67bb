import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";

/**
 * Whether what an upstream sent is, field for field, what this dialect's schema has (`CreateChatCompletionResponse` and
 * `CreateChatCompletionStreamResponse`, OpenAI's specification): then a client of the dialect may get it as it came.
 * Whoever sends more or otherwise is not wrong, but written again in the schema's form.
 */

const hasOnly = (object: JsonObject, fields: ReadonlySet<string>): boolean => {
  for (const field in object) if (!fields.has(field)) return false;
  return true;
};

const isText = (value: JsonValue | undefined): value is string => typeof value === "string" && value !== "";
const isTextOrNull = (value: JsonValue | undefined): boolean => value === null || typeof value === "string";
const isTime = (value: JsonValue | undefined): boolean => typeof value === "number" && Number.isInteger(value);

const tiers: ReadonlySet<JsonValue | undefined> = new Set([undefined, null, "auto", "default", "flex", "priority"]);

const hasHead = (body: JsonObject, object: string): boolean =>
  body["object"] === object && isText(body["id"]) && isTime(body["created"]) && isText(body["model"]);

const hasUsualRest = ({ service_tier: tier, system_fingerprint: fingerprint }: JsonObject): boolean =>
  tiers.has(tier) && (fingerprint === undefined || isTextOrNull(fingerprint));

const callFields: ReadonlySet<string> = new Set(["id", "type", "function"]);
const functionFields: ReadonlySet<string> = new Set(["name", "arguments"]);

const isCall = (call: JsonValue): boolean => {
  if (!isJsonObject(call) || !hasOnly(call, callFields)) return false;
  const { id, type, function: called } = call;
  return (
    isText(id) &&
    type === "function" &&
    isJsonObject(called) &&
    hasOnly(called, functionFields) &&
    isText(called["name"]) &&
    typeof called["arguments"] === "string"
  );
};

const messageFields: ReadonlySet<string> = new Set(["role", "content", "refusal", "annotations", "tool_calls"]);
const choiceFields: ReadonlySet<string> = new Set(["index", "message", "logprobs", "finish_reason"]);
const endings: ReadonlySet<JsonValue | undefined> = new Set(["stop", "length", "content_filter"]);

const isChoice = (choice: JsonValue, position: number): boolean => {
  if (!isJsonObject(choice) || !hasOnly(choice, choiceFields)) return false;
  const { index, message, logprobs, finish_reason: ending } = choice;
  if (index !== position || (logprobs !== null && !isJsonObject(logprobs))) return false;
  if (!isJsonObject(message) || !hasOnly(message, messageFields)) return false;
  const { role, content, refusal, annotations, tool_calls: calls } = message;
  if (role !== "assistant" || !isTextOrNull(content) || !isTextOrNull(refusal)) return false;
  if (annotations !== undefined && !Array.isArray(annotations)) return false;
  if (calls === undefined) return endings.has(ending);
  return ending === "tool_calls" && Array.isArray(calls) && calls.length > 0 && calls.every(isCall);
};

const answerFields: ReadonlySet<string> = new Set([
  "id",
  "object",
  "created",
  "model",
  "choices",
  "usage",
  "service_tier",
  "system_fingerprint",
]);

const hasCounts = (usage: JsonValue | undefined): boolean =>
  isJsonObject(usage) &&
  isTime(usage["prompt_tokens"]) &&
  isTime(usage["completion_tokens"]) &&
  isTime(usage["total_tokens"]);

/** A whole answer in the schema's form, with its usage. */
export const isConformingAnswer = (body: JsonObject): boolean => {
  const { choices, usage } = body;
  return (
    hasHead(body, "chat.completion") &&
    hasOnly(body, answerFields) &&
    hasUsualRest(body) &&
    hasCounts(usage) &&
    Array.isArray(choices) &&
    choices.length > 0 &&
    choices.every(isChoice)
  );
};

const chunkFields: ReadonlySet<string> = new Set([...answerFields, "obfuscation"]);

/** What a chunk of plain text says. */
export interface PlainDelta {
  readonly choice: number;
  readonly text: string;
}

/** Of a chunk that is in the schema's form and holds one piece of text and nothing else, that piece. */
export const plainDelta = (body: JsonObject): PlainDelta | undefined => {
  const { choices, usage } = body;
  if (!Array.isArray(choices) || choices.length !== 1 || (usage !== undefined && usage !== null)) return undefined;
  const choice = choices[0] as JsonValue;
  if (!isJsonObject(choice) || choice["finish_reason"] !== null) return undefined;
  const { index, delta, logprobs } = choice;
  if (typeof index !== "number" || (logprobs !== undefined && logprobs !== null)) return undefined;
  for (const field in choice)
    if (field !== "index" && field !== "delta" && field !== "logprobs" && field !== "finish_reason") return undefined;
  if (!isJsonObject(delta)) return undefined;
  for (const field in delta) if (field !== "content") return undefined;
  const text = delta["content"];
  if (!isText(text) || !hasHead(body, "chat.completion.chunk") || !hasOnly(body, chunkFields) || !hasUsualRest(body))
    return undefined;
  return { choice: index, text };
};
