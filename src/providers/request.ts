import type { JsonValue } from "../core/json.ts";
import type { WireRequest } from "../core/ports/transport.ts";

const plainHeaders: Readonly<Record<string, string>> = { "content-type": "application/json" };
const withType = new WeakMap<object, Readonly<Record<string, string>>>();

/** The same object for the same headers, so that what is made of it once need not be made again. */
const jsonHeaders = (headers: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> => {
  if (headers === undefined) return plainHeaders;
  let made = withType.get(headers);
  if (made === undefined) {
    made = { ...plainHeaders, ...headers };
    withType.set(headers, made);
  }
  return made;
};

/** A JSON POST, without credentials. The headers must not change later. */
export const postJson = (
  url: string,
  body: JsonValue | Readonly<Record<string, unknown>> | string,
  headers?: Readonly<Record<string, string>>,
): WireRequest => ({
  method: "POST",
  url,
  headers: jsonHeaders(headers),
  body: typeof body === "string" ? body : JSON.stringify(body),
});

/** The object without the keys whose value is undefined, so that they are absent from the wire. */
export const defined = <Fields extends Readonly<Record<string, unknown>>>(fields: Fields): Record<string, unknown> => {
  const kept: Record<string, unknown> = {};
  for (const key in fields) if (fields[key] !== undefined) kept[key] = fields[key];
  return kept;
};
