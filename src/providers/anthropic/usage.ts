import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Usage } from "../../core/usage.ts";

const count = (value: JsonValue | undefined): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;

/**
 * Usage of a message ("Messages", `usage`): here input read from the cache or written to it is counted beside
 * `input_tokens`, so the total is the sum.
 */
export const decodeUsage = (value: JsonValue | undefined): Usage | undefined => {
  if (!isJsonObject(value) || !("input_tokens" in value || "output_tokens" in value)) return undefined;
  const written = count(value["cache_creation_input_tokens"]);
  const cached = count(value["cache_read_input_tokens"]);
  const details = value["output_tokens_details"];
  const reasoning = isJsonObject(details) ? count(details["thinking_tokens"]) : 0;
  return {
    inputTokens: count(value["input_tokens"]) + written + cached,
    outputTokens: count(value["output_tokens"]),
    ...(cached > 0 ? { cachedInputTokens: cached } : {}),
    ...(written > 0 ? { cacheWriteTokens: written } : {}),
    ...(reasoning > 0 ? { reasoningTokens: reasoning } : {}),
  };
};

/**
 * The counters of a stream so far. Later ones are cumulative and replace earlier ones; some compatible servers send
 * zeros at one end of the stream, which say nothing.
 */
export const mergeUsage = (earlier: JsonObject, later: JsonValue | undefined): JsonObject => {
  if (!isJsonObject(later)) return earlier;
  const merged: Record<string, JsonValue> = { ...earlier };
  for (const key in later) {
    const value = later[key];
    if (value === null || value === undefined || (value === 0 && key in merged)) continue;
    merged[key] = value;
  }
  return merged;
};
