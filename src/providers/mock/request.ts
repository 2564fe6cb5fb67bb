import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";

/** The text of a message's content, of whatever form. */
export const textOf = (content: JsonValue | undefined): string => {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: JsonValue) => (isJsonObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .join("");
};

export const objectsAt = (body: JsonObject, key: string): readonly JsonObject[] => {
  const value = body[key];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
};

export const integerAt = (body: JsonObject, key: string): number | undefined => {
  const value = body[key];
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
};

/** The limit on output tokens, under either of its names. */
export const maxTokensOf = (body: JsonObject): number | undefined =>
  integerAt(body, "max_completion_tokens") ?? integerAt(body, "max_tokens");

export const stopsOf = (body: JsonObject): readonly string[] => {
  const { stop } = body;
  const list = typeof stop === "string" ? [stop] : Array.isArray(stop) ? stop : [];
  return list.filter((text): text is string => typeof text === "string" && text !== "");
};

/** How many choices, from 1 to 128. */
export const choicesOf = (body: JsonObject): number => Math.min(128, Math.max(1, integerAt(body, "n") ?? 1));
