import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Extra } from "../../core/reply.ts";
import type { FieldRules } from "../foreign-fields.ts";

const isText = (value: JsonValue): boolean => typeof value === "string";

/** Gemini's own fields of a chat, known by name in any dialect. */
export const carriedByChat: FieldRules = { cachedContent: isText, safetySettings: Array.isArray };

/** The same of a request for embeddings. */
export const carriedByEmbeddings: FieldRules = { taskType: isText, title: isText };

/** Fields of this dialect, and of others those that are carried. */
export const nativeFields = (extra: Extra | undefined, carried: FieldRules): JsonObject => {
  if (extra === undefined || extra.dialect === "gemini") return extra?.fields ?? {};
  const kept: Record<string, JsonValue> = {};
  for (const field in carried) {
    const value = extra.fields[field];
    if (value !== undefined && value !== null) kept[field] = value;
  }
  return kept;
};
