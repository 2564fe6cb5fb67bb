import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Usage } from "../../core/usage.ts";

const count = (value: JsonValue | undefined): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;

const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

/**
 * Usage of a message ("Messages", `usage`): here input read from the cache or written to it is counted beside
 * `input_tokens`, so the total is the sum. `cache_creation` tells what was written for an hour from what was for minutes.
 */
export const decodeUsage = (value: JsonValue | undefined): Usage | undefined => {
  if (!isJsonObject(value) || !("input_tokens" in value || "output_tokens" in value)) return undefined;
  const creation = object(value["cache_creation"]);
  const long = count(creation["ephemeral_1h_input_tokens"]);
  const written = Math.max(
    count(value["cache_creation_input_tokens"]),
    count(creation["ephemeral_5m_input_tokens"]) + long,
  );
  const cached = count(value["cache_read_input_tokens"]);
  const reasoning = count(object(value["output_tokens_details"])["thinking_tokens"]);
  const searches = count(object(value["server_tool_use"])["web_search_requests"]);
  return {
    inputTokens: count(value["input_tokens"]) + written + cached,
    outputTokens: count(value["output_tokens"]),
    ...(cached > 0 ? { cachedInputTokens: cached } : {}),
    ...(written > 0 ? { cacheWriteTokens: written } : {}),
    ...(long > 0 ? { longCacheWriteTokens: long } : {}),
    ...(reasoning > 0 ? { reasoningTokens: reasoning } : {}),
    ...(searches > 0 ? { searches } : {}),
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
