import { isJsonObject, type JsonObject, type JsonValue, omitKeys } from "../../core/json.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import type { Extra } from "../../core/reply.ts";

/** Fields of the gateway's own, which never go upstream. */
const gatewayFields: ReadonlySet<string> = new Set(["route", "persona_id", "session_id", "tags", "routing"]);

/** The fields that came in Cohere's dialect and have no name in the internal form. */
export const nativeFields = (extra: Extra | undefined): JsonObject =>
  extra?.dialect === "cohere" ? omitKeys(extra.fields, gatewayFields) : {};

/** Fields of other dialects that change the answer, so that leaving them out would be noticed. Others are hints. */
const decisive: ReadonlySet<string> = new Set([
  "audio",
  "cachedContent",
  "container",
  "context_management",
  "function_call",
  "functions",
  "mcp_servers",
  "raw",
  "safetySettings",
  "template",
  "verbosity",
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

/** The fields of another dialect that Cohere's API cannot honour and that matter. */
export const foreignObstacles = (extra: Extra | undefined): readonly Obstacle[] => {
  if (extra === undefined || extra.dialect === "cohere") return [];
  return Object.entries(extra.fields).flatMap(([field, value]) => {
    if (isEmpty(value)) return [];
    if (field === "modalities") return isTextOnly(value) ? [] : [{ field, reason: "Cohere answers in text only." }];
    return decisive.has(field) ? [{ field, reason: "Cohere's API has no such field." }] : [];
  });
};
