import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { fromUsd, type PicoUsd } from "../../core/money.ts";
import type { Usage } from "../../core/usage.ts";
import type { Quirks } from "./quirks.ts";

const count = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;

const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

/**
 * xAI counts reasoning beside the completion; `total_tokens` shows whether a given usage does, so that a model of
 * theirs that counts it within is not counted twice. Reasoning beyond the completion (Perplexity's deep research) can
 * only be beside it.
 */
const outputTokens = (usage: JsonObject, reasoning: number, quirks: Quirks): number => {
  const completion = count(usage["completion_tokens"]) ?? 0;
  if (reasoning > completion) return completion + reasoning;
  if (quirks.reasoningTokens === "within" || reasoning === 0) return completion;
  const total = count(usage["total_tokens"]);
  const prompt = count(usage["prompt_tokens"]) ?? 0;
  return total === undefined || total >= prompt + completion + reasoning ? completion + reasoning : completion;
};

const amount = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;

/**
 * What the provider says that the request cost. xAI counts 10¹⁰ ticks to a dollar ("Cost Tracking"); Perplexity sums up
 * in `total_cost`; OpenRouter gives credits, a dollar each, and with a key of one's own what that key paid beside them
 * ("Usage Accounting").
 */
const reportedCost = (usage: JsonObject): PicoUsd | undefined => {
  const ticks = amount(usage["cost_in_usd_ticks"]);
  if (ticks !== undefined) return Math.round(ticks * 100);
  const cost = amount(usage["cost"]) ?? amount(object(usage["cost"])["total_cost"]);
  if (cost === undefined) return undefined;
  const ownKey = usage["is_byok"] === true ? amount(object(usage["cost_details"])["upstream_inference_cost"]) : 0;
  return fromUsd(cost + (ownKey ?? 0));
};

const present = (value: number | undefined): value is number => value !== undefined && value > 0;

/** Usage in OpenAI's form ("The chat completion object"), with the places where others put its details. */
export const decodeUsage = (value: JsonValue | undefined, quirks: Quirks): Usage | undefined => {
  if (!isJsonObject(value)) return undefined;
  const input = count(value["prompt_tokens"]);
  const total = count(value["total_tokens"]);
  if (input === undefined && total === undefined) return undefined;
  const prompt = object(value["prompt_tokens_details"]);
  const completion = object(value["completion_tokens_details"]);
  const reasoning = count(completion["reasoning_tokens"]) ?? count(value["reasoning_tokens"]);
  const cached =
    count(prompt["cached_tokens"]) ?? count(value["prompt_cache_hit_tokens"]) ?? count(value["cached_tokens"]);
  const written = count(prompt["cache_write_tokens"]);
  // Perplexity bills the pages that it read as input, and counts them apart.
  const citations = count(value["citation_tokens"]) ?? 0;
  const audioIn = count(prompt["audio_tokens"]);
  const imageIn = count(prompt["image_tokens"]);
  const audioOut = count(completion["audio_tokens"]);
  const imageOut = count(completion["image_tokens"]);
  const searches = count(value["num_search_queries"]) ?? count(object(value["server_tool_use"])["web_search_requests"]);
  const cost = reportedCost(value);
  const accepted = count(completion["accepted_prediction_tokens"]);
  const rejected = count(completion["rejected_prediction_tokens"]);
  const usage: { -readonly [Kind in keyof Usage]: Usage[Kind] } = {
    inputTokens: (input ?? total ?? 0) + citations,
    outputTokens: outputTokens(value, reasoning ?? 0, quirks),
  };
  if (present(cached)) usage.cachedInputTokens = cached;
  if (present(written)) usage.cacheWriteTokens = written;
  if (present(audioIn)) usage.audioInputTokens = audioIn;
  if (present(imageIn)) usage.imageInputTokens = imageIn;
  if (present(reasoning)) usage.reasoningTokens = reasoning;
  if (present(audioOut)) usage.audioOutputTokens = audioOut;
  if (present(imageOut)) usage.imageOutputTokens = imageOut;
  if (present(accepted)) usage.acceptedPredictionTokens = accepted;
  if (present(rejected)) usage.rejectedPredictionTokens = rejected;
  if (present(searches)) usage.searches = searches;
  if (cost !== undefined) usage.reportedCostPicoUsd = cost;
  return usage;
};

/** The usage of a body or frame: at its usual place, or at Groq's (`x_groq.usage`). */
export const usageOf = (body: JsonObject, quirks: Quirks): Usage | undefined =>
  decodeUsage(body["usage"], quirks) ?? decodeUsage(object(body["x_groq"])["usage"], quirks);
