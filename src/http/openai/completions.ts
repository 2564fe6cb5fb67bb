import { z } from "zod";
import { estimateTextTokens } from "../../core/estimate-tokens.ts";
import { type JsonObject, omitKeys } from "../../core/json.ts";
import type { Chunk } from "../../core/reply.ts";
import type { TextCompletion, TextCompletionRequest } from "../../core/text-completion.ts";
import type { AnswerContext, Codec, StreamEncoder } from "../codec.ts";
import { validate } from "../validate.ts";
import { stop, streamOptions } from "./chat-schema.ts";
import { encodeFinishReason } from "./encode-chat-reply.ts";
import { encodeOpenAiError } from "./errors.ts";
import { gatewayFields, present } from "./present.ts";
import { encodeUsage } from "./usage.ts";

const count = z.number().int();
const tokens = z.array(count.min(0)).min(1);
const schema = z.looseObject({
  model: z.string().min(1),
  prompt: z.union(
    [z.string(), z.array(z.string()).min(1), tokens, z.array(tokens).min(1)],
    "expected a text, a list of texts, or lists of token numbers",
  ),
  suffix: z.string().nullish(),
  echo: z.boolean().nullish(),
  best_of: count.min(1).max(20).nullish(),
  max_tokens: count.min(0).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  n: count.min(1).max(128).nullish(),
  seed: count.nullish(),
  stop,
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: count.min(0).max(5).nullish(),
  user: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: streamOptions,
});
const known: ReadonlySet<string> = new Set([...Object.keys(schema.shape), ...gatewayFields]);

const asList = (prompt: z.output<typeof schema>["prompt"]): TextCompletionRequest["prompt"] => {
  if (typeof prompt === "string") return [prompt];
  return typeof prompt[0] === "number" ? [prompt as number[]] : (prompt as string[] | number[][]);
};

const parse = (raw: JsonObject): TextCompletionRequest => {
  const body = validate(schema, raw);
  const unknown = omitKeys(raw, known);
  return {
    model: body.model,
    prompt: asList(body.prompt),
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
    ...present({
      suffix: body.suffix,
      echo: body.echo,
      bestOf: body.best_of,
      maxOutputTokens: body.max_tokens,
      temperature: body.temperature,
      topP: body.top_p,
      n: body.n,
      seed: body.seed,
      stop: typeof body.stop === "string" ? [body.stop] : body.stop,
      frequencyPenalty: body.frequency_penalty,
      presencePenalty: body.presence_penalty,
      logitBias: body.logit_bias,
      logprobs: body.logprobs,
      user: body.user,
    }),
    ...(Object.keys(unknown).length === 0 ? {} : { extra: { dialect: "openai" as const, fields: unknown } }),
  };
};

const encodeWhole = (value: TextCompletion, context: AnswerContext<"textCompletion">): string =>
  JSON.stringify({
    id: value.id || `cmpl-${context.callId}`,
    object: "text_completion",
    created: value.created || context.created,
    model: value.model || context.model,
    choices: value.choices.map((choice) => ({
      text: choice.text,
      index: choice.index,
      logprobs: choice.logprobs ?? null,
      finish_reason: encodeFinishReason(choice.finishReason),
    })),
    ...(value.usage === undefined ? {} : { usage: encodeUsage(value.usage) }),
  });

const openStream = (context: AnswerContext<"textCompletion">): StreamEncoder<Chunk> => {
  let head = {
    id: `cmpl-${context.callId}`,
    object: "text_completion",
    created: context.created,
    model: context.model,
  };
  let usage = "";
  const absent = context.request.includeUsage ? { usage: null } : {};
  const event = (fields: object): string => `data: ${JSON.stringify({ ...head, ...absent, ...fields })}\n\n`;
  const choiceEvent = (index: number, text: string, fields: { logprobs?: unknown; finish: string | null }): string =>
    event({ choices: [{ text, index, logprobs: fields.logprobs ?? null, finish_reason: fields.finish }] });
  const encode = (chunk: Chunk): string => {
    switch (chunk.type) {
      case "start":
        head = {
          ...head,
          id: chunk.id || head.id,
          created: chunk.created || head.created,
          model: chunk.model || head.model,
        };
        return "";
      case "usage":
        if (context.request.includeUsage) usage = event({ choices: [], usage: encodeUsage(chunk.usage) });
        return "";
      case "text":
        return choiceEvent(chunk.choice, chunk.text, { logprobs: chunk.logprobs, finish: null });
      case "finish":
        return choiceEvent(chunk.choice, "", { finish: encodeFinishReason(chunk.reason) });
      default:
        return "";
    }
  };
  return {
    encodeBatch: (chunks) => chunks.map(encode).join(""),
    finish: () => `${usage}data: [DONE]\n\n`,
    fail: (error) => `data: ${encodeOpenAiError(error).body}\n\n`,
  };
};

const estimate = ({ prompt }: TextCompletionRequest): number =>
  prompt.reduce<number>((sum, one) => sum + (typeof one === "string" ? estimateTextTokens(one) : one.length), 0);

/** `POST /v1/completions`, the older text completion. */
export const completionsCodec: Codec<"textCompletion"> = {
  operation: "textCompletion",
  dialect: "openai",
  parse,
  estimateInputTokens: estimate,
  encodeWhole,
  openStream,
  encodeError: encodeOpenAiError,
};
