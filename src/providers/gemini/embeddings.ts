import type { Embeddings, EmbeddingsRequest } from "../../core/embeddings.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import type { WireRequest } from "../../core/ports/transport.ts";
import { foreignObstacles } from "../foreign-fields.ts";
import { defined, postJson } from "../request.ts";
import { malformed } from "../upstream-error.ts";
import { type Endpoint, modelResource } from "./endpoint.ts";
import { carriedByEmbeddings, nativeFields } from "./native-fields.ts";
import { readAnswer } from "./read-answer.ts";
import { readUsage } from "./usage.ts";

/** `batchEmbedContents` refuses longer batches ("Embeddings", ai.google.dev). */
const maxInputs = 100;

export const embeddingsObstacles = ({ input, extra }: EmbeddingsRequest): readonly Obstacle[] => {
  if (input.some((entry) => typeof entry !== "string"))
    return [{ field: "input", reason: "Gemini embeds texts, not token numbers" }];
  return input.length > maxInputs
    ? [{ field: "input", reason: `Gemini embeds at most ${maxInputs} texts in one request` }]
    : foreignObstacles(extra, "gemini", carriedByEmbeddings);
};

/** Fields of this dialect (`taskType`, `title`) go into each of the batch's requests. */
export const encodeEmbeddings = (request: EmbeddingsRequest, target: Target, endpoint: Endpoint): WireRequest => {
  const model = modelResource(target);
  const extra = nativeFields(request.extra, carriedByEmbeddings);
  const requests = request.input.map((text) => ({
    ...extra,
    ...defined({ model, content: { parts: [{ text }] }, outputDimensionality: request.dimensions }),
  }));
  return postJson(`${endpoint.baseUrl}/${model}:batchEmbedContents`, { requests }, endpoint.headers);
};

const isVector = (value: JsonValue | undefined): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === "number");

export const decodeEmbeddings = (body: unknown, request: EmbeddingsRequest, provider: string): Embeddings => {
  const answer = readAnswer(body, provider);
  const embeddings = answer["embeddings"];
  if (!Array.isArray(embeddings) || embeddings.length !== request.input.length)
    throw malformed(provider, "another number of embeddings than there were inputs");
  const vectors = embeddings.map((embedding) => {
    const values = isJsonObject(embedding) ? embedding["values"] : undefined;
    if (!isVector(values)) throw malformed(provider, "an embedding that is not an array of numbers");
    return values;
  });
  const usage = readUsage(answer["usageMetadata"]);
  return {
    // The answer does not name its model.
    model: "",
    vectors,
    ...(usage === undefined ? {} : { usage: { ...usage, outputTokens: 0 } }),
  };
};
