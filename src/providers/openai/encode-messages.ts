import type { AssistantMessage, AssistantPart, Message, ToolMessage } from "../../core/chat.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { encodeContent, isForeignCall, ownFields, partFields } from "./encode-parts.ts";
import type { Quirks } from "./quirks.ts";
import { toolCallIdFor } from "./tool-call-id.ts";

type Fields = Record<string, JsonValue>;

const encodeCall = (part: AssistantPart, quirks: Quirks): JsonObject | undefined => {
  if (part.type === "opaque") return isForeignCall(part) ? part.value : undefined;
  if (part.type !== "toolCall") return undefined;
  const { id, name, arguments: text } = part;
  return { id: toolCallIdFor(id, quirks), type: "function", function: { name, arguments: text }, ...ownFields(part) };
};

const encodeAssistantPart = (part: AssistantPart, quirks: Quirks): readonly JsonObject[] => {
  switch (part.type) {
    case "text":
      return [{ type: "text", text: part.text, ...partFields(part, quirks) }];
    case "refusal":
      return quirks.refusals === "known"
        ? [{ type: "refusal", refusal: part.text, ...ownFields(part) }]
        : [{ type: "text", text: part.text }];
    case "reasoning":
      return quirks.reasoning === "thinking-part"
        ? [{ type: "thinking", thinking: [{ type: "text", text: part.text }], ...ownFields(part) }]
        : [];
    case "opaque":
      return isForeignCall(part) ? [] : [part.value];
    case "toolCall":
      return [];
  }
};

const assistantContent = (message: AssistantMessage, quirks: Quirks): Fields => {
  const parts = message.content.flatMap((part) => encodeAssistantPart(part, quirks));
  const [only] = parts;
  if (only === undefined) return { content: null };
  if (parts.length > 1) return { content: parts };
  const isPlain = Object.keys(only).length === 2;
  if (isPlain && only["type"] === "text") return { content: only["text"] ?? "" };
  if (isPlain && only["type"] === "refusal") return { content: null, refusal: only["refusal"] ?? "" };
  return { content: parts };
};

const encodeAssistant = (message: AssistantMessage, quirks: Quirks): Fields => {
  const fields: Fields = { role: "assistant", ...assistantContent(message, quirks) };
  if (quirks.reasoning === "reasoning" || quirks.reasoning === "reasoning_content") {
    const texts = message.content.flatMap((part) => (part.type === "reasoning" ? [part.text] : []));
    if (texts.length > 0) fields[quirks.reasoning] = texts.join("");
  }
  const calls = message.content.flatMap((part) => encodeCall(part, quirks) ?? []);
  if (calls.length > 0) fields["tool_calls"] = calls;
  // Servers refuse a message that says nothing at all.
  if (fields["content"] === null && calls.length === 0 && !("refusal" in fields)) fields["content"] = "";
  return fields;
};

/** The wire format has no flag for a failed tool, so the model is told in words. */
const encodeToolResult = (message: ToolMessage, quirks: Quirks): Fields => {
  const content = encodeContent(message.content, quirks);
  const id = toolCallIdFor(message.toolCallId, quirks);
  if (message.isError !== true) return { role: "tool", tool_call_id: id, content };
  const marked =
    typeof content === "string"
      ? `Error: ${content}`
      : [{ type: "text", text: "Error:" }, ...(content as readonly JsonValue[])];
  return { role: "tool", tool_call_id: id, content: marked };
};

const encodeMessage = (message: Message, quirks: Quirks): JsonObject => {
  const name = "name" in message && message.name !== undefined ? { name: message.name } : {};
  switch (message.role) {
    case "system":
    case "developer": {
      const role = quirks.developerRole === "known" ? message.role : "system";
      return { role, content: encodeContent(message.content, quirks), ...name, ...ownFields(message) };
    }
    case "user":
      return { role: "user", content: encodeContent(message.content, quirks), ...name, ...ownFields(message) };
    case "assistant":
      return { ...encodeAssistant(message, quirks), ...name, ...ownFields(message) };
    case "tool":
      return { ...encodeToolResult(message, quirks), ...ownFields(message) };
  }
};

/**
 * Messages in OpenAI's wire format ("Create chat completion", OpenAI API reference). Reasoning in the history is
 * written where the server reads it; OpenAI itself reads none, and refuses the field.
 */
export const encodeMessages = (messages: readonly Message[], quirks: Quirks): readonly JsonObject[] =>
  messages.map((message) => encodeMessage(message, quirks));
