import type { AssistantPart, ChatRequest, FunctionTool, Message, TextPart } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

const isInteger = (value: JsonValue | undefined, least: number, most: number): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most;

const isWithin = (value: JsonValue | undefined, least: number, most: number): value is number =>
  typeof value === "number" && value >= least && value <= most;

const isTexts = (value: JsonValue | undefined, most: number): value is readonly string[] =>
  Array.isArray(value) && value.length <= most && value.every((text: JsonValue) => typeof text === "string");

/** Every element as `read` makes it; undefined where one is out of the ordinary, or it is no list. */
const eachOf = <Made>(
  value: JsonValue | undefined,
  read: (element: JsonValue) => Made | undefined,
): Made[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  const all: Made[] = [];
  for (const element of value as readonly JsonValue[]) {
    const made = read(element);
    if (made === undefined) return undefined;
    all.push(made);
  }
  return all;
};

/** The same, of a list that must not be empty. */
const someOf = <Made>(
  value: JsonValue | undefined,
  read: (element: JsonValue) => Made | undefined,
): Made[] | undefined => {
  const all = eachOf(value, read);
  return all?.length === 0 ? undefined : all;
};

const plainPart = (part: JsonValue): TextPart | undefined => {
  if (!isJsonObject(part)) return undefined;
  for (const key in part) if (key !== "type" && key !== "text") return undefined;
  const { type, text } = part;
  return type === "text" && typeof text === "string" ? { type, text } : undefined;
};

const plainParts = (content: JsonValue | undefined): TextPart[] | undefined =>
  typeof content === "string" ? [{ type: "text", text: content }] : someOf(content, plainPart);

const plainCall = (call: JsonValue): AssistantPart | undefined => {
  if (!isJsonObject(call)) return undefined;
  for (const key in call) if (key !== "id" && key !== "type" && key !== "function") return undefined;
  const { id, type, function: called } = call;
  if (typeof id !== "string" || (type !== "function" && type !== undefined) || !isJsonObject(called)) return undefined;
  const { name, arguments: text } = called;
  if (typeof name !== "string" || typeof text !== "string") return undefined;
  return { type: "toolCall", id, name, arguments: text };
};

const plainAssistant = (message: JsonObject): Message | undefined => {
  const parts: AssistantPart[] = [];
  const { content, tool_calls: calls } = message;
  if (content !== null && content !== undefined) {
    const texts = plainParts(content);
    if (texts === undefined) return undefined;
    parts.push(...texts);
  }
  if (calls === undefined || calls === null) return { role: "assistant", content: parts };
  const made = eachOf(calls, plainCall);
  return made === undefined ? undefined : { role: "assistant", content: [...parts, ...made] };
};

/** Which fields a plain message of each role may have. */
const messageFields: Readonly<Record<string, ReadonlySet<string>>> = {
  system: new Set(["role", "content"]),
  developer: new Set(["role", "content"]),
  user: new Set(["role", "content"]),
  assistant: new Set(["role", "content", "tool_calls"]),
  tool: new Set(["role", "content", "tool_call_id"]),
};

const plainMessage = (message: JsonValue): Message | undefined => {
  if (!isJsonObject(message)) return undefined;
  const { role } = message;
  if (typeof role !== "string" || !Object.hasOwn(messageFields, role)) return undefined;
  const fields = messageFields[role] as ReadonlySet<string>;
  for (const key in message) if (!fields.has(key)) return undefined;
  if (role === "assistant") return plainAssistant(message);
  const content = plainParts(message["content"]);
  if (content === undefined) return undefined;
  if (role !== "tool") return { role: role as "system" | "developer" | "user", content };
  const id = message["tool_call_id"];
  return typeof id === "string" ? { role, toolCallId: id, content } : undefined;
};

const functionFields: ReadonlySet<string> = new Set(["name", "description", "parameters", "strict"]);

const plainTool = (tool: JsonValue): FunctionTool | undefined => {
  if (!isJsonObject(tool) || tool["type"] !== "function") return undefined;
  const definition = tool["function"];
  if (!isJsonObject(definition)) return undefined;
  for (const key in definition) if (!functionFields.has(key)) return undefined;
  const { name, description, parameters, strict } = definition;
  if (typeof name !== "string" || name === "") return undefined;
  const plain: Writable<FunctionTool> = { type: "function", name };
  if (typeof description === "string") plain.description = description;
  else if (description !== undefined) return undefined;
  if (isJsonObject(parameters)) plain.parameters = parameters;
  else if (parameters !== undefined) return undefined;
  if (typeof strict === "boolean") plain.strict = strict;
  else if (strict !== undefined) return undefined;
  return plain;
};

type Draft = Writable<ChatRequest>;

/** Puts one field's value into the request; false where it is not a plain one. */
type Take = (draft: Draft, value: JsonValue) => boolean;

/** A field that goes in as it is, where `isPlain` says so. */
const kept =
  <Key extends keyof ChatRequest>(key: Key, isPlain: (value: JsonValue) => boolean): Take =>
  (draft, value) => {
    if (!isPlain(value)) return false;
    draft[key] = value as unknown as Draft[Key];
    return true;
  };

/** A field that goes in as `read` makes it. */
const made =
  <Key extends keyof ChatRequest>(key: Key, read: (value: JsonValue) => ChatRequest[Key] | undefined): Take =>
  (draft, value) => {
    const result = read(value);
    if (result === undefined) return false;
    draft[key] = result;
    return true;
  };

const isBoolean = (value: JsonValue): boolean => typeof value === "boolean";
const isText = (value: JsonValue): boolean => typeof value === "string";
const most = Number.MAX_SAFE_INTEGER;

const takes: ReadonlyMap<string, Take> = new Map(
  Object.entries({
    model: kept("model", (value) => typeof value === "string" && value !== ""),
    messages: made("messages", (value) => someOf(value, plainMessage)),
    stream: kept("stream", isBoolean),
    stream_options: made("includeUsage", (value) => {
      if (!isJsonObject(value)) return undefined;
      const { include_usage: asked } = value;
      return asked === undefined || asked === null ? false : typeof asked === "boolean" ? asked : undefined;
    }),
    tools: made("tools", (value) => someOf(value, plainTool)),
    tool_choice: made("toolChoice", (value) =>
      value === "auto" || value === "none" || value === "required" ? { kind: value } : undefined,
    ),
    parallel_tool_calls: kept("parallelToolCalls", isBoolean),
    max_tokens: kept("maxOutputTokens", (value) => isInteger(value, 1, most)),
    max_completion_tokens: kept("maxOutputTokens", (value) => isInteger(value, 1, most)),
    temperature: kept("temperature", (value) => isWithin(value, 0, 2)),
    top_p: kept("topP", (value) => isWithin(value, 0, 1)),
    top_k: kept("topK", (value) => isInteger(value, 0, most)),
    stop: made("stop", (value) =>
      typeof value === "string" ? [value] : isTexts(value, 16) ? (value as readonly string[]) : undefined,
    ),
    n: kept("n", (value) => isInteger(value, 1, 128)),
    seed: kept("seed", (value) => isInteger(value, -most, most)),
    frequency_penalty: kept("frequencyPenalty", (value) => isWithin(value, -2, 2)),
    presence_penalty: kept("presencePenalty", (value) => isWithin(value, -2, 2)),
    user: kept("user", isText),
  } satisfies Readonly<Record<string, Take>>),
);

/**
 * A chat request of plain fields, read without the schema, which costs ten times as much: nearly every request is one.
 * Undefined where anything is out of the ordinary or wrong: then the schema has the word, and writes the error. Where
 * this gives a request, the schema's way gives the same. `isKnown` names the fields that the schema reads.
 */
export const parsePlainChat = (raw: JsonObject, isKnown: (field: string) => boolean): ChatRequest | undefined => {
  const draft: Partial<Draft> & Pick<Draft, "stream" | "includeUsage"> = { stream: false, includeUsage: false };
  let unknown: Record<string, JsonValue> | undefined;
  for (const field in raw) {
    const value = raw[field] as JsonValue;
    const take = takes.get(field);
    if (take !== undefined) {
      if (value === null ? field === "model" || field === "messages" : !take(draft as Draft, value)) return undefined;
    } else if (isKnown(field)) return undefined;
    else {
      unknown ??= {};
      unknown[field] = value;
    }
  }
  if (draft.model === undefined || draft.messages === undefined) return undefined;
  // The newer name wins, whichever came last.
  if (typeof raw["max_completion_tokens"] === "number") draft.maxOutputTokens = raw["max_completion_tokens"];
  if (unknown !== undefined) draft.extra = { dialect: "openai", fields: unknown };
  return draft as ChatRequest;
};
