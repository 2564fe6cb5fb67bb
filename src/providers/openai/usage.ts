import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Usage } from "../../core/usage.ts";
import type { Quirks } from "./quirks.ts";

const count = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;

const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

/**
 * xAI counts reasoning beside the completion; `total_tokens` shows whether a given usage does, so that a model of
 * theirs that counts it within is not counted twice.
 */
const outputTokens = (usage: JsonObject, reasoning: number, quirks: Quirks): number => {
  const completion = count(usage["completion_tokens"]) ?? 0;
  if (quirks.reasoningTokens === "within" || reasoning === 0) return completion;
  const total = count(usage["total_tokens"]);
  const prompt = count(usage["prompt_tokens"]) ?? 0;
  return total === undefined || total >= prompt + completion + reasoning ? completion + reasoning : completion;
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
  const audioIn = count(prompt["audio_tokens"]);
  const imageIn = count(prompt["image_tokens"]);
  const audioOut = count(completion["audio_tokens"]);
  const accepted = count(completion["accepted_prediction_tokens"]);
  const rejected = count(completion["rejected_prediction_tokens"]);
  return {
    inputTokens: input ?? total ?? 0,
    outputTokens: outputTokens(value, reasoning ?? 0, quirks),
    ...(present(cached) ? { cachedInputTokens: cached } : {}),
    ...(present(written) ? { cacheWriteTokens: written } : {}),
    ...(present(audioIn) ? { audioInputTokens: audioIn } : {}),
    ...(present(imageIn) ? { imageInputTokens: imageIn } : {}),
    ...(present(reasoning) ? { reasoningTokens: reasoning } : {}),
    ...(present(audioOut) ? { audioOutputTokens: audioOut } : {}),
    ...(present(accepted) ? { acceptedPredictionTokens: accepted } : {}),
    ...(present(rejected) ? { rejectedPredictionTokens: rejected } : {}),
  };
};

/** The usage of a body or frame: at its usual place, or at Groq's (`x_groq.usage`). */
export const usageOf = (body: JsonObject, quirks: Quirks): Usage | undefined =>
  decodeUsage(body["usage"], quirks) ?? decodeUsage(object(body["x_groq"])["usage"], quirks);
