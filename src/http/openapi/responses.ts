import { type ErrorCode, errorTable } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { schemaUri } from "./schema-object.ts";

/** A reference to a named schema. */
export const reference = (id: string): JsonObject => ({ $ref: schemaUri(id) });

/** Content of one media type. */
export const content = (schema: JsonObject, type = "application/json"): JsonObject => ({
  content: { [type]: { schema } },
});

/** Any request with a key may meet these. */
export const everyRoute: readonly ErrorCode[] = [
  "missing_api_key",
  "invalid_api_key",
  "rate_limit_exceeded",
  "internal_error",
  "storage_unavailable",
];

/** Any request with a JSON body may meet these. */
export const everyBody: readonly ErrorCode[] = [
  "invalid_json",
  "invalid_encoding",
  "duplicate_key",
  "json_too_deep",
  "invalid_value",
  "missing_required_parameter",
  "unsupported_parameter",
  "payload_too_large",
  "unsupported_media_type",
];

/** One response for each HTTP status that the codes have, which names the codes. */
export const errorResponses = (codes: readonly ErrorCode[], schema: string): JsonObject => {
  const byStatus = new Map<string, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const status = String(errorTable[code].status);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const entries = [...byStatus].sort(([left], [right]) => Number(left) - Number(right));
  return Object.fromEntries(
    entries.map(([status, named]) => [
      status,
      { description: named.map((code) => `\`${code}\``).join(", "), ...content(reference(schema)) },
    ]),
  );
};
