import { z } from "zod";
import { isJsonObject, type JsonObject } from "../../core/json.ts";

/**
 * The fields of the Messages API that the gateway reads, by https://platform.claude.com/docs/en/api/messages. What is
 * not named here is kept as it came.
 */
const jsonObject = z.custom<JsonObject>(isJsonObject, "expected an object");

/** Any content block, before its type is looked at. */
export const anyBlock = z.object({ type: z.string().min(1) });
/** Text, or blocks: each is validated on its own, so that an error names the block. */
const content = z.union([z.string(), z.array(z.unknown())], "expected a string or an array of blocks");

const base64Source = z.object({ type: z.literal("base64"), media_type: z.string().min(1), data: z.string() });
const urlSource = z.object({ type: z.literal("url"), url: z.string().min(1) });
const fileSource = z.object({ type: z.literal("file"), file_id: z.string().min(1) });
const textSource = z.object({ type: z.literal("text"), data: z.string() });
const contentSource = z.object({ type: z.literal("content") });

export const textBlock = z.object({ type: z.literal("text"), text: z.string() });
export const imageBlock = z.object({
  source: z.discriminatedUnion("type", [base64Source, urlSource, fileSource]),
});
export const documentBlock = z.object({
  source: z.discriminatedUnion("type", [base64Source, urlSource, fileSource, textSource, contentSource]),
  title: z.string().nullish(),
});
export const toolUseBlock = z.object({ id: z.string().min(1), name: z.string().min(1), input: jsonObject });
export const toolResultBlock = z.object({
  tool_use_id: z.string().min(1),
  content: content.nullish(),
  is_error: z.boolean().nullish(),
});
export const thinkingBlock = z.object({ thinking: z.string(), signature: z.string().optional() });

const message = z.object({
  role: z.enum(["user", "assistant", "system"]),
  content,
});

/** A tool of the client's own: `type` absent or `custom`. */
export const customTool = z.object({
  name: z.string().min(1),
  description: z.string().nullish(),
  input_schema: jsonObject,
  strict: z.boolean().nullish(),
});
export const anyTool = z.object({ type: z.string().nullish() });

const disableParallel = { disable_parallel_tool_use: z.boolean().nullish() };
const toolChoice = z.discriminatedUnion("type", [
  z.object({ type: z.literal("auto"), ...disableParallel }),
  z.object({ type: z.literal("any"), ...disableParallel }),
  z.object({ type: z.literal("tool"), name: z.string().min(1), ...disableParallel }),
  z.object({ type: z.literal("none") }),
]);

const thinking = z.discriminatedUnion("type", [
  z.object({ type: z.literal("enabled"), budget_tokens: z.int().min(1) }),
  z.object({ type: z.literal("adaptive") }),
  z.object({ type: z.literal("between_tools") }),
  z.object({ type: z.literal("disabled") }),
]);

const outputFormat = z.object({ type: z.literal("json_schema"), schema: jsonObject });
const outputConfig = z.object({
  effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(),
  format: outputFormat.nullish(),
});

/** What a request for a count of tokens must hold. */
export const countTokensBody = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  system: content.nullish(),
  tools: z.array(z.unknown()).nullish(),
  tool_choice: toolChoice.nullish(),
  thinking: thinking.nullish(),
  output_config: outputConfig.nullish(),
  /** The name that `output_config.format` had in its beta. */
  output_format: outputFormat.nullish(),
});

/** What a request for a message must hold. */
export const messagesBody = countTokensBody.extend({
  max_tokens: z.int().min(0),
  stop_sequences: z.array(z.string()).nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
  metadata: z.object({ user_id: z.string().nullish() }).nullish(),
  stream: z.boolean().nullish(),
});

export type CountTokensBody = z.output<typeof countTokensBody>;
export type MessagesBody = z.output<typeof messagesBody>;
export type MessageBody = CountTokensBody["messages"][number];
export type ContentBody = MessageBody["content"];
