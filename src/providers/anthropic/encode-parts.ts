import { createHash } from "node:crypto";
import type {
  AssistantPart,
  FilePart,
  ImagePart,
  MediaSource,
  RefusalPart,
  TextPart,
  ToolMessage,
  UserPart,
} from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../core/json.ts";
import { ownFields } from "./own-fields.ts";

/** A data URL as inline content; any other source as it is. */
export const inlineSource = (source: MediaSource): MediaSource => {
  if (source.kind !== "url") return source;
  const match = /^data:([^;,]+)(?:;[^;,]+)*;base64,(.*)$/s.exec(source.url);
  return match === null ? source : { kind: "base64", mediaType: match[1] ?? "", data: match[2] ?? "" };
};

const encodeSource = (given: MediaSource): JsonObject => {
  const source = inlineSource(given);
  if (source.kind === "url") return { type: "url", url: source.url };
  if (source.kind === "file") return { type: "file", file_id: source.fileId };
  return { type: "base64", media_type: source.mediaType, data: source.data };
};

const encodeImage = (part: ImagePart): JsonObject => ({
  type: "image",
  source: encodeSource(part.source),
  ...ownFields(part),
});

/** A document: a PDF as it is, plain text as text. */
const encodeFile = (part: FilePart): JsonObject => {
  const source = inlineSource(part.source);
  const isText = source.kind === "base64" && source.mediaType.startsWith("text/plain");
  const body = isText
    ? { type: "text", media_type: "text/plain", data: Buffer.from(source.data, "base64").toString("utf8") }
    : encodeSource(source);
  const title = part.filename === undefined ? {} : { title: part.filename };
  return { type: "document", source: body, ...title, ...ownFields(part) };
};

const textBlock = (part: TextPart | RefusalPart): readonly JsonObject[] =>
  // The API refuses blocks of empty text.
  part.text === "" ? [] : [{ type: "text", text: part.text, ...ownFields(part) }];

/** The blocks of a part of a user's message or of a tool's result. */
export const encodeUserPart = (part: UserPart): readonly JsonObject[] => {
  switch (part.type) {
    case "text":
      return textBlock(part);
    case "image":
      return [encodeImage(part)];
    case "file":
      return [encodeFile(part)];
    case "opaque":
      return [part.value];
    case "audio":
      throw new GatewayError("unsupported_parameter", "Anthropic's API reads no audio. Use another model.");
  }
};

/** An id that the API takes. The same id always becomes the same one, so calls and results keep together. */
export const toolUseId = (id: string): string =>
  /^[a-zA-Z0-9_-]{1,64}$/.test(id) ? id : `toolu_${createHash("sha256").update(id).digest("hex").slice(0, 24)}`;

/** Arguments as the object that `input` must be; undefined where they are none. */
export const inputObject = (text: string): JsonObject | undefined => {
  if (text.trim() === "") return {};
  const value = parseJson(text);
  return isJsonObject(value) ? value : undefined;
};

const encodeInput = (name: string, text: string): JsonObject => {
  const input = inputObject(text);
  if (input === undefined)
    throw new GatewayError(
      "unsupported_parameter",
      `The arguments of the earlier call of '${name}' are not a JSON object; Anthropic's API takes nothing else.`,
    );
  return input;
};

/** The blocks of a part of an assistant's message. Reasoning without its signature is left out: the API refuses it. */
export const encodeAssistantPart = (part: AssistantPart): readonly JsonObject[] => {
  switch (part.type) {
    case "text":
    case "refusal":
      return textBlock(part);
    case "reasoning": {
      const own = part.providerData?.anthropic;
      return typeof own?.["signature"] === "string" ? [{ type: "thinking", thinking: part.text, ...own }] : [];
    }
    case "toolCall": {
      const input = encodeInput(part.name, part.arguments);
      return [{ type: "tool_use", id: toolUseId(part.id), name: part.name, input, ...ownFields(part) }];
    }
    case "opaque":
      return [part.value];
  }
};

export const encodeToolResult = (message: ToolMessage): JsonObject => {
  const blocks = message.content.flatMap(encodeUserPart);
  const block: Record<string, JsonValue> = { type: "tool_result", tool_use_id: toolUseId(message.toolCallId) };
  if (blocks.length > 0) block["content"] = blocks;
  if (message.isError === true) block["is_error"] = true;
  return { ...block, ...ownFields(message) };
};
