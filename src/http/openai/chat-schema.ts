import { z } from "zod";
import type { JsonObject } from "../../core/json.ts";

const json = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;
const part = z.looseObject({ type: z.string() });
const textOrParts = z.union([z.string(), z.array(part).min(1)], "expected a string or an array of content parts");
const count = z.number().int();

const toolCall = z.looseObject({
  id: z.string(),
  type: z.string().optional(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).optional(),
});

const message = z.discriminatedUnion("role", [
  z.looseObject({ role: z.enum(["system", "developer"]), content: textOrParts, name: z.string().optional() }),
  z.looseObject({ role: z.literal("user"), content: textOrParts, name: z.string().optional() }),
  z.looseObject({
    role: z.literal("assistant"),
    content: z.union([z.string(), z.array(part)]).nullish(),
    name: z.string().nullish(),
    refusal: z.string().nullish(),
    tool_calls: z.array(toolCall).nullish(),
    function_call: z.looseObject({ name: z.string(), arguments: z.string() }).nullish(),
    reasoning_content: z.string().nullish(),
  }),
  z.looseObject({ role: z.literal("tool"), content: textOrParts, tool_call_id: z.string() }),
  z.looseObject({ role: z.literal("function"), content: z.string().nullable(), name: z.string() }),
]);

const functionDefinition = z.looseObject({
  name: z.string().min(1),
  description: z.string().nullish(),
  parameters: json.nullish(),
  strict: z.boolean().nullish(),
});

const responseFormat = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({
      name: z.string().min(1),
      description: z.string().nullish(),
      schema: json.nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

export const stop = z
  .union([z.string(), z.array(z.string()).max(16)], "expected a string or an array of strings")
  .nullish();
export const streamOptions = z.looseObject({ include_usage: z.boolean().nullish() }).nullish();

/** What the gateway itself reads of a chat request; the rest is passed on as it is. */
export const chatSchema = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  tools: z.array(z.looseObject({ type: z.string(), function: functionDefinition.optional() })).nullish(),
  tool_choice: z
    .union([
      z.enum(["auto", "none", "required"]),
      z.looseObject({ type: z.string(), function: z.looseObject({ name: z.string() }).optional() }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  functions: z.array(functionDefinition).nullish(),
  function_call: z.union([z.enum(["auto", "none"]), z.looseObject({ name: z.string() })]).nullish(),
  max_tokens: count.min(1).nullish(),
  max_completion_tokens: count.min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: count.min(0).nullish(),
  stop,
  n: count.min(1).max(128).nullish(),
  seed: count.nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: count.min(0).max(20).nullish(),
  response_format: responseFormat.nullish(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]).nullish(),
  user: z.string().nullish(),
  metadata: json.nullish(),
  stream: z.boolean().nullish(),
  stream_options: streamOptions,
});

export type ChatBody = z.output<typeof chatSchema>;
export type ChatBodyMessage = z.output<typeof message>;
