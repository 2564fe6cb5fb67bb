import type { AssistantMessage, MediaSource, Message, ToolCallPart, UserPart } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../core/json.ts";
import { defined } from "../request.ts";

/** The base64 of an image, which is all that Ollama takes; undefined where it is somewhere else. */
export const imageData = (source: MediaSource): string | undefined => {
  if (source.kind === "base64") return source.data;
  if (source.kind === "file" || !source.url.startsWith("data:")) return undefined;
  const comma = source.url.indexOf(",");
  return source.url.slice(0, Math.max(comma, 0)).endsWith(";base64") ? source.url.slice(comma + 1) : undefined;
};

/** The arguments as an object; undefined where the text is not one. */
export const argumentsOf = (part: ToolCallPart): JsonObject | undefined => {
  const value = part.arguments.trim() === "" ? {} : parseJson(part.arguments);
  return isJsonObject(value) ? value : undefined;
};

/** Parts that a client wrote are apart from each other; those of a model's answer are pieces of one text. */
const writtenText = (parts: readonly UserPart[]): string =>
  parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");

const imagesOf = (parts: readonly UserPart[]): readonly string[] | undefined => {
  const images = parts.flatMap((part) => (part.type === "image" ? (imageData(part.source) ?? []) : []));
  return images.length === 0 ? undefined : images;
};

const encodeCall = (part: ToolCallPart, index: number): JsonObject => {
  const args = argumentsOf(part);
  if (args === undefined)
    throw new GatewayError("invalid_value", `The arguments of the call to '${part.name}' are not a JSON object.`, {
      param: "messages",
    });
  return { id: part.id, function: { index, name: part.name, arguments: args } };
};

const encodeAssistant = ({ content }: AssistantMessage): JsonObject => {
  const calls = content.filter((part) => part.type === "toolCall").map(encodeCall);
  const answered = content.flatMap((part) => (part.type === "text" || part.type === "refusal" ? [part.text] : []));
  const thought = content.flatMap((part) => (part.type === "reasoning" ? [part.text] : []));
  return defined({
    role: "assistant",
    content: answered.join(""),
    thinking: thought.join("") || undefined,
    tool_calls: calls.length === 0 ? undefined : calls,
  }) as JsonObject;
};

const encodeMessage = (message: Message, names: ReadonlyMap<string, string>): JsonObject => {
  switch (message.role) {
    case "system":
    case "developer":
      return { role: "system", content: writtenText(message.content) };
    case "user":
      return defined({
        role: "user",
        content: writtenText(message.content),
        images: imagesOf(message.content),
      }) as JsonObject;
    case "assistant":
      return encodeAssistant(message);
    case "tool": {
      const text = writtenText(message.content);
      return defined({
        role: "tool",
        // The wire format has no flag for a failed tool, so the model is told in words.
        content: message.isError === true ? `Error: ${text}` : text,
        tool_name: names.get(message.toolCallId),
        tool_call_id: message.toolCallId,
        images: imagesOf(message.content),
      }) as JsonObject;
    }
  }
};

/** The conversation ("Generate a chat message", docs.ollama.com). A result names the tool of its nearest earlier call. */
export const encodeMessages = (messages: readonly Message[]): readonly JsonObject[] => {
  const names = new Map<string, string>();
  return messages.map((message) => {
    if (message.role === "assistant")
      for (const part of message.content) if (part.type === "toolCall") names.set(part.id, part.name);
    return encodeMessage(message, names);
  });
};
