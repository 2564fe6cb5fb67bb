import type { AssistantPart } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue, omitKeys } from "../../core/json.ts";
import { malformed } from "../upstream-error.ts";
import { inventedToolCallId } from "./tool-call-id.ts";

/** Message fields that the internal form has names for. */
export const knownMessageFields: ReadonlySet<string> = new Set([
  "role",
  "content",
  "refusal",
  "tool_calls",
  "function_call",
  "reasoning_content",
  "reasoning",
]);

/** The fields that have no name of ours, without those that say nothing; undefined where there are none. */
export const unknownFields = (object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined => {
  let rest: Record<string, JsonValue> | undefined;
  for (const key in object) {
    const value = object[key];
    if (known.has(key) || value === null || value === undefined) continue;
    rest ??= {};
    rest[key] = value;
  }
  return rest;
};

/** A message's reasoning, wherever this family puts it. Both fields may hold the same text. */
export const reasoningOf = (message: JsonObject): string => {
  for (const field of ["reasoning_content", "reasoning"]) {
    const value = message[field];
    if (typeof value === "string" && value !== "") return value;
  }
  return "";
};

/** The text of a `thinking` part (Mistral, "Reasoning"): a text, or pieces of text. */
export const thinkingText = (part: JsonObject): string => {
  const { thinking } = part;
  if (typeof thinking === "string") return thinking;
  if (!Array.isArray(thinking)) return "";
  return thinking
    .map((piece: JsonValue) => (isJsonObject(piece) && typeof piece["text"] === "string" ? piece["text"] : ""))
    .join("");
};

/** Arguments as JSON text; some servers give them as an object. */
export const argumentsText = (value: JsonValue | undefined): string => {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
};

const decodeContent = (content: JsonValue | undefined, provider: string): AssistantPart[] => {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) throw malformed(provider, "a message whose content is neither text nor a list");
  const parts = content.map((part: JsonValue): AssistantPart | undefined => {
    if (!isJsonObject(part)) throw malformed(provider, "a content part that is not an object");
    if (part["type"] === "text" && typeof part["text"] === "string") return { type: "text", text: part["text"] };
    if (part["type"] === "thinking") return { type: "reasoning", text: thinkingText(part) };
    return undefined;
  });
  return parts.filter((part) => part !== undefined);
};

/** Content parts of kinds that no client of this dialect expects (Mistral's references): kept beside the content. */
const unreadParts = (content: JsonValue | undefined): JsonObject =>
  Array.isArray(content)
    ? {
        content_parts: content.filter(
          (part: JsonValue) => isJsonObject(part) && part["type"] !== "text" && part["type"] !== "thinking",
        ),
      }
    : {};

/** What of a message the internal form has no name for; undefined where there is nothing. */
export const messageExtra = (message: JsonObject): JsonObject | undefined => {
  const parts = unreadParts(message["content"]);
  const fields = unknownFields(message, knownMessageFields);
  const hasParts = Array.isArray(parts["content_parts"]) && parts["content_parts"].length > 0;
  return hasParts ? { ...fields, ...parts } : fields;
};

const callFields: ReadonlySet<string> = new Set(["id", "type", "function", "index"]);

interface CallPlace {
  readonly provider: string;
  readonly completionId: string;
  readonly choice: number;
  readonly position: number;
}

const decodeCall = (call: JsonValue, { provider, completionId, choice, position }: CallPlace): AssistantPart => {
  if (!isJsonObject(call)) throw malformed(provider, "a tool call that is not an object");
  const definition = call["function"];
  if (!isJsonObject(definition)) {
    if (typeof call["type"] === "string")
      return { type: "opaque", dialect: "openai", value: omitKeys(call, indexOnly) };
    throw malformed(provider, "a tool call without a function");
  }
  const { name } = definition;
  if (typeof name !== "string" || name === "") throw malformed(provider, "a tool call without a name");
  const { id } = call;
  const own = unknownFields(call, callFields);
  return {
    type: "toolCall",
    id: typeof id === "string" && id !== "" ? id : inventedToolCallId(completionId, choice, position),
    name,
    arguments: argumentsText(definition["arguments"]) || "{}",
    ...(own === undefined ? {} : { providerData: { openai: own } }),
  };
};
const indexOnly: ReadonlySet<string> = new Set(["index"]);

const callsOf = (message: JsonObject, provider: string): readonly JsonValue[] => {
  const calls = message["tool_calls"];
  if (calls !== undefined && calls !== null && !Array.isArray(calls))
    throw malformed(provider, "tool calls that are not a list");
  if (Array.isArray(calls) && calls.length > 0) return calls;
  const legacy = message["function_call"];
  return isJsonObject(legacy) ? [{ function: legacy }] : [];
};

/** The parts of a whole message: reasoning, text, refusal, then tool calls. */
export const decodeMessage = (
  message: JsonObject,
  place: { readonly provider: string; readonly completionId: string; readonly choice: number },
): readonly AssistantPart[] => {
  const parts: AssistantPart[] = [];
  const reasoning = reasoningOf(message);
  if (reasoning !== "") parts.push({ type: "reasoning", text: reasoning });
  parts.push(...decodeContent(message["content"], place.provider));
  const { refusal } = message;
  if (typeof refusal === "string" && refusal !== "") parts.push({ type: "refusal", text: refusal });
  callsOf(message, place.provider).forEach((call, position) => {
    parts.push(decodeCall(call, { ...place, position }));
  });
  return parts;
};
