import type { AssistantPart, ChatRequest, MediaSource, Message, Tool, UserPart } from "./chat.ts";
import type { EmbeddingsRequest } from "./embeddings.ts";
import { estimateTextTokens } from "./estimate-text-tokens.ts";

export { estimateTextTokens, TextTokenCount } from "./estimate-text-tokens.ts";

/**
 * Flat figures where the size in tokens depends on what only the provider sees. An image: 85 at low detail (OpenAI's
 * figure), else 1,600, to which Anthropic scales an image down (width × height / 750). A page of a PDF: 2,500, in the
 * middle of Anthropic's 1,500–3,000, one page for each 50 kB. A second of audio: 10, in 16 kB of compressed sound.
 */
const imageTokens = 1600;
const lowDetailImageTokens = 85;
const pageTokens = 2500;
const pageBytes = 50_000;
const audioBytesPerToken = 1600;
/** Role and delimiters of a message, name and framing of a tool, the opening of the answer. */
const messageTokens = 4;
const toolTokens = 8;
const answerTokens = 3;

const bytesOf = (base64: string): number => Math.floor((base64.length * 3) / 4);

const fileTokens = (source: MediaSource): number => {
  if (source.kind !== "base64") return pageTokens;
  // Plain text in bytes: four to a token, as in English.
  if (source.mediaType.startsWith("text/")) return Math.ceil(bytesOf(source.data) / 4);
  return Math.max(1, Math.ceil(bytesOf(source.data) / pageBytes)) * pageTokens;
};

const partTokens = (part: UserPart | AssistantPart): number => {
  switch (part.type) {
    case "text":
    case "refusal":
    case "reasoning":
      return estimateTextTokens(part.text);
    case "toolCall":
      return toolTokens + estimateTextTokens(part.name) + estimateTextTokens(part.arguments);
    case "image":
      return part.detail === "low" ? lowDetailImageTokens : imageTokens;
    case "file":
      return fileTokens(part.source);
    case "audio":
      return Math.ceil(bytesOf(part.data) / audioBytesPerToken);
    case "opaque":
      return estimateTextTokens(JSON.stringify(part.value));
  }
};

const oneMessageTokens = (message: Message): number => {
  let tokens = messageTokens;
  for (const part of message.content) tokens += partTokens(part);
  return tokens;
};

const oneToolTokens = (tool: Tool): number => {
  if (tool.type === "opaque") return toolTokens + estimateTextTokens(JSON.stringify(tool.value));
  const text = tool.name + (tool.description ?? "") + JSON.stringify(tool.parameters ?? {});
  return toolTokens + estimateTextTokens(text);
};

/**
 * About how many tokens a chat request has as input, without a tokenizer: text by {@link estimateTextTokens}, tools and
 * schemas by their JSON, media by flat figures. What a provider adds of its own (Anthropic's instructions for tools,
 * about 350) is not in it.
 */
export const estimateInputTokens = (request: ChatRequest): number => {
  let tokens = answerTokens;
  for (const message of request.messages) tokens += oneMessageTokens(message);
  for (const tool of request.tools ?? []) tokens += oneToolTokens(tool);
  const format = request.responseFormat;
  if (format?.kind === "schema") tokens += estimateTextTokens(JSON.stringify(format.schema));
  return tokens;
};

/** About how many tokens a request for embeddings has; exact where the client sent token numbers. */
export const estimateEmbeddingsTokens = (request: EmbeddingsRequest): number => {
  let tokens = 0;
  for (const input of request.input) tokens += typeof input === "string" ? estimateTextTokens(input) : input.length;
  return tokens;
};
