import type { JsonValue } from "../core/json.ts";
import type { WireRequest } from "../core/ports/transport.ts";

/** A JSON POST, without credentials. */
export const postJson = (
  url: string,
  body: JsonValue | Readonly<Record<string, unknown>> | string,
  headers: Readonly<Record<string, string>> = {},
): WireRequest => ({
  method: "POST",
  url,
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

/** The object without the keys whose value is undefined, so that they are absent from the wire. */
export const defined = <Fields extends Readonly<Record<string, unknown>>>(fields: Fields): Record<string, unknown> => {
  const kept: Record<string, unknown> = {};
  for (const key in fields) if (fields[key] !== undefined) kept[key] = fields[key];
  return kept;
};
