import type { ChatRequest, Message, Reasoning, ResponseFormat, UserPart } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue, omitKeys } from "../../core/json.ts";
import { gatewayFields } from "../openai/present.ts";
import { validate } from "../validate.ts";
import {
  type CountTokensBody,
  countTokensBody,
  type MessageBody,
  type MessagesBody,
  messagesBody,
  toolResultBlock,
} from "./messages-schema.ts";
import {
  type Block,
  leftover,
  listBlocks,
  type Path,
  parseAssistantBlock,
  parseInstructions,
  parseText,
  parseUserBlock,
} from "./parse-blocks.ts";
import { parseTool, parseToolChoice } from "./parse-tools.ts";

const parseToolResult = ({ value, path }: Block): Message => {
  const { tool_use_id, content, is_error } = validate(toolResultBlock, value, path);
  return {
    role: "tool",
    toolCallId: tool_use_id,
    content: listBlocks(content ?? [], [...path, "content"]).map(parseUserBlock),
    ...(is_error ? { isError: true } : {}),
    ...leftover(value, ["type", "tool_use_id", "content", "is_error"]),
  };
};

/** A user's message: each tool result becomes a message of its own, and what stands between them stays between them. */
const parseUserMessage = (blocks: readonly Block[]): readonly Message[] => {
  const messages: Message[] = [];
  let parts: UserPart[] = [];
  const flush = () => {
    if (parts.length > 0) messages.push({ role: "user", content: parts });
    parts = [];
  };
  for (const block of blocks) {
    if (block.type === "tool_result") {
      flush();
      messages.push(parseToolResult(block));
    } else parts.push(parseUserBlock(block));
  }
  flush();
  return messages.length === 0 ? [{ role: "user", content: [] }] : messages;
};

const parseMessage = ({ role, content }: MessageBody, path: Path): readonly Message[] => {
  const blocks = listBlocks(content, [...path, "content"]);
  if (role === "user") return parseUserMessage(blocks);
  if (role === "assistant") return [{ role, content: blocks.map(parseAssistantBlock) }];
  return [{ role, content: blocks.map(parseText) }];
};

/** Adaptive thinking without an effort is reasoning as much as the provider's default says: an empty object. */
const parseReasoning = ({ thinking, output_config }: CountTokensBody): { reasoning?: Reasoning } => {
  if (thinking?.type === "disabled") return { reasoning: { effort: "none" } };
  const effort = output_config?.effort;
  if (!thinking && !effort) return {};
  return {
    reasoning: {
      ...(effort ? { effort } : {}),
      ...(thinking?.type === "enabled" ? { budgetTokens: thinking.budget_tokens } : {}),
    },
  };
};

/** Anthropic names no schema, and always enforces it. */
const parseFormat = ({ output_config, output_format }: CountTokensBody): { responseFormat?: ResponseFormat } => {
  const format = output_config?.format ?? output_format;
  if (!format) return {};
  return { responseFormat: { kind: "schema", name: "response", schema: format.schema, strict: true } };
};

const readKeys: readonly string[] = [
  ..."model max_tokens messages system tools tool_choice stop_sequences temperature top_p top_k stream output_format".split(
    " ",
  ),
  ...gatewayFields,
];

/** Whether the internal form holds all of the value, which has fields by these names only. */
const holdsOnly = (value: JsonValue | undefined, ...names: readonly string[]): boolean =>
  !isJsonObject(value) || Object.keys(value).every((name) => names.includes(name));

/** What the internal form cannot say: unknown fields, and known ones that hold more than it has names for. */
const unreadFields = (body: JsonObject): { extra?: NonNullable<ChatRequest["extra"]> } => {
  const { thinking, output_config, metadata } = body;
  const type = isJsonObject(thinking) ? thinking["type"] : undefined;
  const disabled = type === "disabled";
  const drop = new Set(readKeys);
  if (type !== "adaptive" && type !== "between_tools" && holdsOnly(thinking, "type", "budget_tokens"))
    drop.add("thinking");
  // An effort beside disabled thinking still governs how long the answer is.
  if (holdsOnly(output_config, ...(disabled ? ["format"] : ["effort", "format"]))) drop.add("output_config");
  if (holdsOnly(metadata, "user_id")) drop.add("metadata");
  const fields = omitKeys(body, drop);
  return Object.keys(fields).length === 0 ? {} : { extra: { dialect: "anthropic", fields } };
};

const parseCommon = (parsed: CountTokensBody, body: JsonObject): ChatRequest => {
  const { model, system, messages, tools, tool_choice } = parsed;
  const instructions = system ? parseInstructions(system, ["system"]) : [];
  return {
    model,
    messages: [
      ...(instructions.length > 0 ? [{ role: "system", content: instructions } as const] : []),
      ...messages.flatMap((message, index) => parseMessage(message, ["messages", index])),
    ],
    ...(tools && tools.length > 0 ? { tools: tools.map(parseTool) } : {}),
    ...parseToolChoice(tool_choice),
    ...parseReasoning(parsed),
    ...parseFormat(parsed),
    stream: false,
    includeUsage: true,
    ...unreadFields(body),
  };
};

const parseSampling = (parsed: MessagesBody): Partial<ChatRequest> => {
  const { temperature, top_p, top_k, stop_sequences, metadata } = parsed;
  return {
    maxOutputTokens: parsed.max_tokens,
    ...(typeof temperature === "number" ? { temperature } : {}),
    ...(typeof top_p === "number" ? { topP: top_p } : {}),
    ...(typeof top_k === "number" ? { topK: top_k } : {}),
    ...(stop_sequences && stop_sequences.length > 0 ? { stop: stop_sequences } : {}),
    ...(typeof metadata?.user_id === "string" ? { user: metadata.user_id } : {}),
    stream: parsed.stream === true,
  };
};

/**
 * The body of `POST /v1/messages` in the internal form. Throws GatewayError `missing_required_parameter` or
 * `invalid_value` with the field's path. Fields that the form has no name for stand in `extra`, those of a block, a
 * tool result or a tool in its `providerData.anthropic`.
 */
export const parseMessagesRequest = (body: JsonObject): ChatRequest => {
  const parsed = validate(messagesBody, body);
  return { ...parseCommon(parsed, body), ...parseSampling(parsed) };
};

/** The body of `POST /v1/messages/count_tokens`: as for a message, without what governs sampling. */
export const parseCountTokensRequest = (body: JsonObject): ChatRequest =>
  parseCommon(validate(countTokensBody, body), body);
