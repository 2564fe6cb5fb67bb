import type {
  AssistantPart,
  FilePart,
  ImagePart,
  MediaSource,
  ProviderData,
  TextPart,
  UserPart,
} from "../../core/chat.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { invalidValue, validate } from "../validate.ts";
import {
  anyBlock,
  type ContentBody,
  documentBlock,
  imageBlock,
  textBlock,
  thinkingBlock,
  toolUseBlock,
} from "./messages-schema.ts";

export type Path = readonly (string | number)[];
/** A content block as the client wrote it, and where. */
export interface Block {
  readonly type: string;
  readonly value: JsonObject;
  readonly path: Path;
}

/** The fields of a block that its part has no name for, null ones aside: an Anthropic translator writes them back. */
export const leftover = (value: JsonObject, read: readonly string[]): { providerData?: ProviderData } => {
  const rest: Record<string, JsonValue> = {};
  for (const key in value) {
    const field = value[key];
    if (field !== undefined && field !== null && !read.includes(key)) rest[key] = field;
  }
  return Object.keys(rest).length === 0 ? {} : { providerData: { anthropic: rest } };
};

/** The content's blocks; a string is one block of text. */
export const listBlocks = (content: ContentBody, path: Path): readonly Block[] => {
  if (typeof content === "string") return [{ type: "text", value: { type: "text", text: content }, path }];
  return content.map((value, index) => {
    const blockPath = [...path, index];
    const { type } = validate(anyBlock, value, blockPath);
    return { type, value: value as JsonObject, path: blockPath };
  });
};

const opaque = ({ value }: Block) => ({ type: "opaque", dialect: "anthropic", value }) as const;

export const parseText = ({ value, path }: Block): TextPart => ({
  type: "text",
  text: validate(textBlock, value, path).text,
  ...leftover(value, ["type", "text"]),
});

/** The parts of an instruction, which is text only. */
export const parseInstructions = (content: ContentBody, path: Path): readonly TextPart[] =>
  listBlocks(content, path).map(parseText);

type WireSource =
  | { readonly type: "base64"; readonly media_type: string; readonly data: string }
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "file"; readonly file_id: string };

const toSource = (source: WireSource): MediaSource => {
  if (source.type === "base64") return { kind: "base64", mediaType: source.media_type, data: source.data };
  if (source.type === "url") return { kind: "url", url: source.url };
  return { kind: "file", fileId: source.file_id };
};

const parseImage = ({ value, path }: Block): ImagePart => ({
  type: "image",
  source: toSource(validate(imageBlock, value, path).source),
  ...leftover(value, ["type", "source"]),
});

const parseDocument = (block: Block): FilePart | ReturnType<typeof opaque> => {
  const { source, title } = validate(documentBlock, block.value, block.path);
  const name = typeof title === "string" ? { filename: title } : {};
  if (source.type === "content") return opaque(block);
  if (source.type === "text") {
    // Other dialects take a plain-text document as a file; the source is kept for Anthropic, which takes it as text.
    const data = Buffer.from(source.data, "utf8").toString("base64");
    const text = { kind: "base64", mediaType: "text/plain", data } as const;
    return { type: "file", source: text, ...name, ...leftover(block.value, ["type", "title"]) };
  }
  return { type: "file", source: toSource(source), ...name, ...leftover(block.value, ["type", "source", "title"]) };
};

const assistantOnly = new Set(["tool_use", "thinking", "redacted_thinking", "server_tool_use"]);

/** A block of a user's message or of a tool's result. What only Anthropic knows is kept whole. */
export const parseUserBlock = (block: Block): UserPart => {
  if (block.type === "text") return parseText(block);
  if (block.type === "image") return parseImage(block);
  if (block.type === "document") return parseDocument(block);
  if (block.type === "tool_result")
    throw invalidValue([...block.path, "type"], "A tool result can't stand within another; put it in a user message");
  if (assistantOnly.has(block.type))
    throw invalidValue([...block.path, "type"], `A block of type ${block.type} can only stand in an assistant message`);
  return opaque(block);
};

/** A block of an assistant's message. What only Anthropic knows is kept whole. */
export const parseAssistantBlock = (block: Block): AssistantPart => {
  const { value, path } = block;
  if (block.type === "text") return parseText(block);
  if (block.type === "thinking") {
    const { thinking, signature } = validate(thinkingBlock, value, path);
    // An empty signature is how a reply shows reasoning that came unsigned; it is none.
    const read = signature === "" ? ["type", "thinking", "signature"] : ["type", "thinking"];
    return { type: "reasoning", text: thinking, ...leftover(value, read) };
  }
  if (block.type === "tool_use") {
    const { id, name, input } = validate(toolUseBlock, value, path);
    const rest = leftover(value, ["type", "id", "name", "input"]);
    return { type: "toolCall", id, name, arguments: JSON.stringify(input), ...rest };
  }
  if (block.type === "tool_result")
    throw invalidValue([...path, "type"], "A tool result can only stand in a user message");
  return opaque(block);
};
