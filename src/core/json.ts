/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** True for a plain JSON object: neither null nor an array. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object without the named keys; the same object where none of them is there. */
export const omitKeys = (object: JsonObject, keys: ReadonlySet<string>): JsonObject => {
  let found = false;
  for (const key in object) if (keys.has(key)) found = true;
  if (!found) return object;
  const rest: Record<string, JsonValue> = {};
  for (const key in object) if (!keys.has(key)) rest[key] = object[key] as JsonValue;
  return rest;
};

/** Parses text as JSON; undefined where it is not JSON. */
export const parseJson = (text: string): JsonValue | undefined => {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
};
