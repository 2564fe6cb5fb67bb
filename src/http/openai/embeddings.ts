import { z } from "zod";
import type { Embeddings, EmbeddingsRequest } from "../../core/embeddings.ts";
import { estimateEmbeddingsTokens } from "../../core/estimate-tokens.ts";
import { type JsonObject, omitKeys } from "../../core/json.ts";
import type { AnswerContext, Codec } from "../codec.ts";
import { validate } from "../validate.ts";
import { encodeOpenAiError } from "./errors.ts";
import { gatewayFields, present } from "./present.ts";

const tokens = z.array(z.number().int().min(0)).min(1);
const schema = z.looseObject({
  model: z.string().min(1),
  input: z.union(
    [z.string().min(1), z.array(z.string().min(1)).min(1).max(2_048), tokens, z.array(tokens).min(1).max(2_048)],
    "expected a text, a list of texts, or lists of token numbers, none of them empty",
  ),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.number().int().min(1).nullish(),
  user: z.string().nullish(),
});
const known: ReadonlySet<string> = new Set([...Object.keys(schema.shape), ...gatewayFields]);

const asList = (input: z.output<typeof schema>["input"]): EmbeddingsRequest["input"] => {
  if (typeof input === "string") return [input];
  return typeof input[0] === "number" ? [input as number[]] : (input as string[] | number[][]);
};

const parse = (raw: JsonObject): EmbeddingsRequest => {
  const body = validate(schema, raw);
  const unknown = omitKeys(raw, known);
  return {
    model: body.model,
    input: asList(body.input),
    encodingFormat: body.encoding_format ?? "float",
    ...present({ dimensions: body.dimensions, user: body.user }),
    ...(Object.keys(unknown).length === 0 ? {} : { extra: { dialect: "openai" as const, fields: unknown } }),
  };
};

/** Little-endian 32-bit floats in base64, as OpenAI's clients ask for by default. */
const toBase64 = (vector: readonly number[]): string =>
  Buffer.from(Float32Array.from(vector).buffer).toString("base64");

const encodeWhole = (value: Embeddings, { request, model }: AnswerContext<"embeddings">): string =>
  JSON.stringify({
    object: "list",
    data: value.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: request.encodingFormat === "base64" ? toBase64(vector) : vector,
    })),
    model: value.model || model,
    usage: { prompt_tokens: value.usage?.inputTokens ?? 0, total_tokens: value.usage?.inputTokens ?? 0 },
  });

/** `POST /v1/embeddings`. */
export const embeddingsCodec: Codec<"embeddings"> = {
  operation: "embeddings",
  dialect: "openai",
  parse,
  estimateInputTokens: estimateEmbeddingsTokens,
  encodeWhole,
  encodeError: encodeOpenAiError,
};
