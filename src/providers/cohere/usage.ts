import { isJsonObject, type JsonValue } from "../../core/json.ts";
import type { Usage } from "../../core/usage.ts";

const count = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;

/**
 * Usage ("Chat" and "Embed", `usage` and `meta`). The billed tokens are taken where they are told: `tokens` also counts
 * what Cohere puts around the messages, which costs nothing.
 */
export const decodeUsage = (value: JsonValue | undefined): Usage | undefined => {
  if (!isJsonObject(value)) return undefined;
  const billed = isJsonObject(value["billed_units"]) ? value["billed_units"] : {};
  const tokens = isJsonObject(value["tokens"]) ? value["tokens"] : {};
  const texts = count(billed["input_tokens"]);
  const images = count(billed["image_tokens"]) ?? 0;
  const input = texts === undefined && images === 0 ? count(tokens["input_tokens"]) : (texts ?? 0) + images;
  const output = count(billed["output_tokens"]) ?? count(tokens["output_tokens"]);
  if (input === undefined && output === undefined) return undefined;
  const cached = Math.min(count(value["cached_tokens"]) ?? 0, input ?? 0);
  return {
    inputTokens: input ?? 0,
    outputTokens: output ?? 0,
    ...(cached > 0 ? { cachedInputTokens: cached } : {}),
    ...(images > 0 ? { imageInputTokens: images } : {}),
  };
};
