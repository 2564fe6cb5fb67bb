import type { Embeddings, EmbeddingsRequest } from "../../core/embeddings.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import { type FieldRules, foreignObstacles } from "../foreign-fields.ts";
import { defined } from "../request.ts";
import { malformed } from "../upstream-error.ts";
import { failureWithin, isErrorBody } from "./errors.ts";
import { nativeFields } from "./native-fields.ts";
import { decodeUsage } from "./usage.ts";

/** The API refuses more in one call ("Embed", `texts`). */
const maxTexts = 96;

const isText = (value: JsonValue): boolean => typeof value === "string";
/** What clients of other dialects may add for Cohere, under Cohere's own names. */
const carriedByEmbeddings: FieldRules = { input_type: isText, truncate: isText };

/** What of a request for embeddings Cohere's API cannot carry. */
export const embeddingsObstacles = ({ input, extra }: EmbeddingsRequest): readonly Obstacle[] => {
  if (input.some((entry) => typeof entry !== "string"))
    return [{ field: "input", reason: "Cohere embeds texts, not token numbers" }];
  return input.length > maxTexts
    ? [{ field: "input", reason: `Cohere embeds at most ${maxTexts} texts in one request` }]
    : foreignObstacles(extra, "cohere", carriedByEmbeddings);
};

const given = ({ extra }: EmbeddingsRequest, field: string): JsonValue | undefined => {
  const value = extra?.fields[field];
  return typeof value === "string" ? value : undefined;
};

/**
 * A request for embeddings ("Embed", Cohere API reference v2). The API must be told what the texts are for; documents
 * is what they are unless `input_type` says otherwise.
 */
export const encodeEmbeddingsBody = (
  request: EmbeddingsRequest,
  target: Target,
): Readonly<Record<string, unknown>> => ({
  ...nativeFields(request.extra),
  ...defined({
    model: target.model,
    texts: request.input,
    input_type: given(request, "input_type") ?? "search_document",
    truncate: given(request, "truncate"),
    embedding_types: ["float"],
    output_dimension: request.dimensions,
  }),
});

const isVector = (value: JsonValue): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === "number");

/** The vectors, in the order of the texts. The answer does not name the model. */
export const decodeEmbeddings = (body: unknown, request: EmbeddingsRequest, provider: string): Embeddings => {
  if (!isJsonObject(body)) throw malformed(provider, "an answer that is not a JSON object");
  if (isErrorBody(body)) throw failureWithin(provider, body);
  const { embeddings, meta } = body;
  const rows = isJsonObject(embeddings) ? embeddings["float"] : embeddings;
  if (!Array.isArray(rows) || rows.length !== request.input.length)
    throw malformed(provider, "another number of embeddings than there were texts");
  const vectors = rows.map((row: JsonValue) => {
    if (!isVector(row)) throw malformed(provider, "an embedding that is not an array of numbers");
    return row;
  });
  const usage = decodeUsage(meta);
  return { model: "", vectors, ...(usage === undefined ? {} : { usage }) };
};
