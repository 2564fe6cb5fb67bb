import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { malformed } from "../upstream-error.ts";
import { decodeEmbeddedError, errorIn } from "./errors.ts";

/** The fields of a candidate's own that say where its content comes from. */
const provenance = ["groundingMetadata", "citationMetadata", "urlContextMetadata"] as const;

/** An answer, or one piece of it. Throws what an error in its place says, or `upstream_invalid_response`. */
export const readAnswer = (body: unknown, provider: string): JsonObject => {
  const error = errorIn(body);
  if (error !== undefined) throw decodeEmbeddedError(error, provider);
  if (!isJsonObject(body)) throw malformed(provider, "an answer that is not a JSON object");
  return body;
};

export const readCandidates = (answer: JsonObject, provider: string): readonly JsonObject[] => {
  const candidates = answer["candidates"] ?? [];
  if (!Array.isArray(candidates) || !candidates.every(isJsonObject))
    throw malformed(provider, "candidates that are not an array of objects");
  return candidates;
};

export const candidateIndex = (candidate: JsonObject, position: number): number => {
  const index = candidate["index"];
  return typeof index === "number" && Number.isInteger(index) && index >= 0 ? index : position;
};

export const textOf = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");

/** Where a candidate's content comes from, as fields of this dialect; undefined where nothing is said. */
export const readProvenance = (candidate: JsonObject): JsonObject | undefined => {
  const found: Record<string, JsonValue> = {};
  for (const key of provenance) {
    const value = candidate[key];
    if (isJsonObject(value) && Object.keys(value).length > 0) found[key] = value;
  }
  return Object.keys(found).length === 0 ? undefined : found;
};
