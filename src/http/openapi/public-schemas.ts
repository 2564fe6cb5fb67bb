import { z } from "zod";
import { countTokensBody, messagesBody } from "../anthropic/messages-schema.ts";
import { feedbackBody, feedbackResponse } from "../feedback.ts";
import { chatSchema } from "../openai/chat-schema.ts";
import { previewBody, previewResponse } from "../preview-route.ts";
import { routingSchema } from "../routing-wishes.ts";

/** Schemas of the public API that the document shows by name. */
export const publicSchemas = z.registry<{ id: string }>();

const add = <Schema extends z.ZodType>(id: string, schema: Schema): Schema => {
  publicSchemas.add(schema, { id });
  return schema;
};

const tokens = z.array(z.int().min(0)).min(1);
const textOrTokens = (what: string) =>
  z.union([z.string(), z.array(z.string()).min(1), tokens, z.array(tokens).min(1)]).describe(what);

/** What a call may say to the gateway itself; no provider sees it. */
const forGateway = {
  route: z.string().nullish().describe("The route, in the place of `model`."),
  session_id: z.string().min(1).max(200).nullish().describe("The conversation that the call belongs to."),
  tags: z.array(z.string().min(1).max(100)).max(32).nullish().describe("For the rules of routes."),
  routing: add("Routing", routingSchema).nullish(),
};

add("ChatCompletionRequest", chatSchema.extend(forGateway));
add("MessagesRequest", messagesBody.extend(forGateway));
add("CountTokensRequest", countTokensBody);
add("RouteRequest", previewBody);
add("RouteDecision", previewResponse);
add("FeedbackRequest", feedbackBody);
add("Feedback", feedbackResponse);
add(
  "CompletionRequest",
  z.looseObject({
    model: z.string().min(1),
    prompt: textOrTokens("Texts or lists of token numbers."),
    max_tokens: z.int().min(0).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    n: z.int().min(1).max(128).nullish(),
    stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
    stream: z.boolean().nullish(),
    ...forGateway,
  }),
);
add(
  "EmbeddingsRequest",
  z.looseObject({
    model: z.string().min(1),
    input: textOrTokens("Texts or lists of token numbers, none of them empty."),
    encoding_format: z.enum(["float", "base64"]).nullish(),
    dimensions: z.int().min(1).nullish(),
    user: z.string().nullish(),
    ...forGateway,
  }),
);

const usage = add(
  "CompletionUsage",
  z.looseObject({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() }),
);
const toolCall = z.looseObject({
  id: z.string(),
  type: z.literal("function"),
  function: z.looseObject({ name: z.string(), arguments: z.string().describe("JSON as text.") }),
});
const finishReason = z.enum(["stop", "length", "tool_calls", "content_filter", "function_call"]);

add(
  "ChatCompletion",
  z.looseObject({
    id: z.string(),
    object: z.literal("chat.completion"),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({
          role: z.literal("assistant"),
          content: z.string().nullable(),
          refusal: z.string().nullish(),
          tool_calls: z.array(toolCall).optional(),
        }),
        logprobs: z.looseObject({}).nullish(),
        finish_reason: finishReason,
      }),
    ),
    usage: usage.optional(),
  }),
);
add(
  "ChatCompletionChunk",
  z
    .looseObject({
      id: z.string(),
      object: z.literal("chat.completion.chunk"),
      created: z.int(),
      model: z.string(),
      choices: z.array(
        z.looseObject({ index: z.int(), delta: z.looseObject({}), finish_reason: finishReason.nullable() }),
      ),
      usage: usage.nullish(),
    })
    .describe("One event of the stream; the last is `data: [DONE]`."),
);
add(
  "Completion",
  z.looseObject({
    id: z.string(),
    object: z.literal("text_completion"),
    created: z.int(),
    model: z.string(),
    choices: z.array(z.looseObject({ text: z.string(), index: z.int(), finish_reason: z.string().nullable() })),
    usage: usage.optional(),
  }),
);
add(
  "Embeddings",
  z.looseObject({
    object: z.literal("list"),
    data: z.array(
      z.looseObject({
        object: z.literal("embedding"),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string().describe("Little-endian 32-bit floats in base64.")]),
      }),
    ),
    model: z.string(),
    usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
  }),
);
const offeredModel = add(
  "OfferedModel",
  z.looseObject({ id: z.string(), object: z.literal("model"), created: z.int(), owned_by: z.string() }),
);
add("OfferedModelList", z.looseObject({ object: z.literal("list"), data: z.array(offeredModel) }));
add(
  "Message",
  z.looseObject({
    id: z.string(),
    type: z.literal("message"),
    role: z.literal("assistant"),
    model: z.string(),
    content: z.array(z.looseObject({ type: z.string() })),
    stop_reason: z.string().nullable(),
    stop_sequence: z.string().nullable(),
    usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }),
  }),
);
add("TokenCount", z.looseObject({ input_tokens: z.int() }));
add("Health", z.looseObject({ status: z.string() }));
add(
  "Error",
  z.looseObject({
    error: z.looseObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().describe("Stable: clients may branch on it."),
    }),
  }),
);
add(
  "AnthropicError",
  z.looseObject({
    type: z.literal("error"),
    error: z.looseObject({ type: z.string(), message: z.string() }),
    request_id: z.string().nullish(),
  }),
);
