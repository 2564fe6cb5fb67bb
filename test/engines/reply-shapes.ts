import { z } from "zod";

// What the tests of engines rely on in the replies of an OpenAI-compatible API; unknown fields are let be.

const usageShape = z.object({
  prompt_tokens: z.number().int().positive(),
  completion_tokens: z.number().int(),
  total_tokens: z.number().int(),
});
const toolCallShape = z.object({
  id: z.string().min(1),
  type: z.literal("function"),
  function: z.object({ name: z.string(), arguments: z.string() }),
});
export const replyShape = z.object({
  object: z.literal("chat.completion"),
  id: z.string().min(1),
  model: z.string(),
  choices: z.tuple([
    z.object({
      index: z.literal(0),
      finish_reason: z.string(),
      message: z.object({
        role: z.literal("assistant"),
        content: z.string().nullish(),
        tool_calls: z.array(toolCallShape).optional(),
      }),
    }),
  ]),
  usage: usageShape,
});
const toolCallPartShape = z.object({
  index: z.number(),
  id: z.string().optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string().optional() }),
});
export const chunkShape = z.object({
  object: z.literal("chat.completion.chunk"),
  id: z.string().min(1),
  choices: z.array(
    z.object({
      finish_reason: z.string().nullish(),
      delta: z.object({ content: z.string().nullish(), tool_calls: z.array(toolCallPartShape).nullish() }),
    }),
  ),
  usage: usageShape.nullish(),
});
export const modelsShape = z.object({ data: z.array(z.object({ id: z.string() })) });
export const embeddingsShape = z.object({
  data: z.array(z.object({ index: z.number(), embedding: z.array(z.number()) })),
  usage: z.object({ prompt_tokens: z.number().int().positive(), total_tokens: z.number().int().positive() }),
});
export const errorShape = z.object({ error: z.object({ message: z.string().min(1), type: z.string() }) });
