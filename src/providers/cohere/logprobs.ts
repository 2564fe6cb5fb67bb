import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";

/** One piece of text with the probability of all its tokens together, as an entry in OpenAI's form. */
const entry = (item: JsonValue): readonly JsonObject[] => {
  if (!isJsonObject(item) || typeof item["text"] !== "string") return [];
  const { text, logprobs } = item;
  if (!Array.isArray(logprobs)) return [];
  const sum = logprobs.reduce((total: number, value: JsonValue) => total + (typeof value === "number" ? value : 0), 0);
  return [{ token: text, logprob: sum, bytes: [...Buffer.from(text, "utf8")], top_logprobs: [] }];
};

/** Log-probabilities ("Chat", `logprobs`) in OpenAI's form; undefined where there are none. */
export const decodeLogprobs = (value: JsonValue | undefined): JsonObject | undefined => {
  const items = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  const content = items.flatMap(entry);
  return content.length === 0 ? undefined : { content, refusal: null };
};
