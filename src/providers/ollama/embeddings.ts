import type { Embeddings, EmbeddingsRequest } from "../../core/embeddings.ts";
import type { JsonValue } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import type { WireRequest } from "../../core/ports/transport.ts";
import { foreignObstacles } from "../foreign-fields.ts";
import { postJson } from "../request.ts";
import { malformed } from "../upstream-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { carriedFields, withNativeFields } from "./native-fields.ts";
import { readAnswer, readModel, readUsage } from "./read-answer.ts";

export const embeddingsObstacles = ({ input, extra }: EmbeddingsRequest): readonly Obstacle[] =>
  input.some((entry) => typeof entry !== "string")
    ? [{ field: "input", reason: "Ollama embeds texts, not token numbers" }]
    : foreignObstacles(extra, "ollama", carriedFields);

/** `POST /api/embed` ("Generate embeddings", docs.ollama.com). */
export const encodeEmbeddings = (request: EmbeddingsRequest, target: Target, endpoint: Endpoint): WireRequest => {
  const body = withNativeFields(request.extra, endpoint, {
    body: { model: target.model, input: request.input, dimensions: request.dimensions },
    options: {},
  });
  return postJson(`${endpoint.baseUrl}/api/embed`, body, endpoint.headers);
};

const isVector = (value: JsonValue | undefined): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === "number");

export const decodeEmbeddings = (body: unknown, request: EmbeddingsRequest, provider: string): Embeddings => {
  const answer = readAnswer(body, provider);
  const { embeddings } = answer;
  if (!Array.isArray(embeddings) || embeddings.length !== request.input.length)
    throw malformed(provider, "another number of embeddings than there were inputs");
  if (!embeddings.every(isVector)) throw malformed(provider, "an embedding that is not an array of numbers");
  const usage = readUsage(answer);
  return { model: readModel(answer), vectors: embeddings, ...(usage === undefined ? {} : { usage }) };
};
