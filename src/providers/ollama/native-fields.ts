import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import type { Extra } from "../../core/reply.ts";
import { defined } from "../request.ts";
import type { Endpoint } from "./endpoint.ts";

/** Ollama's own fields, known by name in any dialect, since no other API has them. */
const nativeFields: ReadonlySet<string> = new Set([
  "keep_alive",
  "num_ctx",
  "options",
  "raw",
  "shift",
  "think",
  "truncate",
]);

/** Fields of other dialects that change the answer, so that leaving them out would be noticed. Others are hints. */
const decisive: ReadonlySet<string> = new Set([
  "audio",
  "cachedContent",
  "connectors",
  "container",
  "documents",
  "function_call",
  "functions",
  "mcp_servers",
  "web_search_options",
]);

const isEmpty = (value: JsonValue | undefined): boolean =>
  value === null ||
  value === undefined ||
  value === false ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (isJsonObject(value) && Object.keys(value).length === 0);

const isTextOnly = (value: JsonValue | undefined): boolean =>
  Array.isArray(value) && value.every((modality) => modality === "text");

/** Unknown fields of another dialect that Ollama cannot honour and that matter. */
export const foreignObstacles = (extra: Extra | undefined): readonly Obstacle[] => {
  if (extra === undefined || extra.dialect === "ollama") return [];
  return Object.entries(extra.fields).flatMap(([field, value]) => {
    if (isEmpty(value)) return [];
    if (field === "modalities") return isTextOnly(value) ? [] : [{ field, reason: "Ollama answers in text only" }];
    return decisive.has(field) ? [{ field, reason: "Ollama has no such field" }] : [];
  });
};

const nativeOf = (extra: Extra | undefined): JsonObject => {
  if (extra === undefined || extra.dialect === "ollama") return extra?.fields ?? {};
  const kept: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(extra.fields)) if (nativeFields.has(field)) kept[field] = value;
  return kept;
};

/**
 * A body from Ollama's own fields of the request, the configured defaults and what the request says in the internal
 * form; the latter goes first. `truncate` is off: Ollama would else drop the start of a prompt that is too long
 * without a word, where an error lets another model answer.
 */
export const withNativeFields = (
  extra: Extra | undefined,
  endpoint: Endpoint,
  fields: { readonly body: Readonly<Record<string, unknown>>; readonly options: Readonly<Record<string, unknown>> },
): Record<string, unknown> => {
  const { num_ctx: contextTokens, options: given, ...native } = nativeOf(extra);
  const options = defined({
    ...endpoint.defaultOptions,
    ...(typeof contextTokens === "number" ? { num_ctx: contextTokens } : {}),
    ...(isJsonObject(given) ? given : {}),
    ...defined(fields.options),
  });
  return {
    truncate: false,
    ...endpoint.defaults,
    ...native,
    ...defined(fields.body),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
};
