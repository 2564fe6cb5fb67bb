import { isJsonObject, type JsonValue } from "../../core/json.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import type { Extra } from "../../core/reply.ts";

/** Fields of other dialects that change the answer, so that leaving them out would be noticed. Others are hints. */
const decisive: ReadonlySet<string> = new Set([
  "audio",
  "cachedContent",
  "citation_options",
  "connectors",
  "context",
  "documents",
  "function_call",
  "functions",
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

/** The fields of another dialect that Anthropic's API cannot honour and that matter. */
export const foreignObstacles = (extra: Extra | undefined): readonly Obstacle[] => {
  if (extra === undefined || extra.dialect === "anthropic") return [];
  return Object.entries(extra.fields).flatMap(([field, value]) => {
    if (isEmpty(value)) return [];
    if (field === "modalities")
      return isTextOnly(value) ? [] : [{ field, reason: "Anthropic's API answers in text only." }];
    return decisive.has(field) ? [{ field, reason: "Anthropic's API has no such field." }] : [];
  });
};
