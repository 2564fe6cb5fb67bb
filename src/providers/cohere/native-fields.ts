import { isJsonObject, type JsonObject, type JsonValue, omitKeys } from "../../core/json.ts";
import type { Extra } from "../../core/reply.ts";
import type { FieldRules } from "../foreign-fields.ts";
import { gatewayFields } from "../gateway-fields.ts";

/** Cohere's own fields of a chat, known by name in any dialect. */
export const carriedByChat: FieldRules = {
  citation_options: isJsonObject,
  documents: Array.isArray,
  safety_mode: (value) => typeof value === "string",
};

/** The fields that came in Cohere's dialect and have no name in the internal form. */
export const nativeFields = (extra: Extra | undefined): JsonObject =>
  extra?.dialect === "cohere" ? omitKeys(extra.fields, gatewayFields) : {};

/** The same of a chat, with those of its fields that came in another dialect. */
export const nativeChatFields = (extra: Extra | undefined): JsonObject => {
  if (extra === undefined || extra.dialect === "cohere") return nativeFields(extra);
  const kept: Record<string, JsonValue> = {};
  for (const field in carriedByChat) {
    const value = extra.fields[field];
    if (value !== undefined && value !== null) kept[field] = value;
  }
  return kept;
};
