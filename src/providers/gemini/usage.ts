import { isJsonObject, type JsonValue } from "../../core/json.ts";
import type { Usage } from "../../core/usage.ts";

const count = (value: JsonValue | undefined): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;

const ofModality = (details: JsonValue | undefined, modality: string): number =>
  Array.isArray(details)
    ? details.reduce<number>(
        (sum, entry) =>
          isJsonObject(entry) && entry["modality"] === modality ? sum + count(entry["tokenCount"]) : sum,
        0,
      )
    : 0;

const whereSome = <Field extends keyof Usage>(field: Field, tokens: number): { readonly [Key in Field]?: number } =>
  (tokens === 0 ? {} : { [field]: tokens }) as { readonly [Key in Field]?: number };

/**
 * `usageMetadata` as totals. Gemini counts thoughts beside the candidates' tokens and the tokens of tool results
 * beside the prompt's, while cached tokens are part of the prompt's ("UsageMetadata", ai.google.dev). The grand total
 * settles what a missing part leaves open.
 */
export const readUsage = (metadata: JsonValue | undefined): Usage | undefined => {
  if (!isJsonObject(metadata)) return undefined;
  const inputTokens = count(metadata["promptTokenCount"]) + count(metadata["toolUsePromptTokenCount"]);
  const thoughts = count(metadata["thoughtsTokenCount"]);
  const output = count(metadata["candidatesTokenCount"]) + thoughts;
  const outputTokens = Math.max(output, count(metadata["totalTokenCount"]) - inputTokens);
  if (inputTokens === 0 && outputTokens === 0) return undefined;
  const prompt = metadata["promptTokensDetails"];
  return {
    inputTokens,
    outputTokens,
    ...whereSome("cachedInputTokens", count(metadata["cachedContentTokenCount"])),
    ...whereSome("reasoningTokens", thoughts),
    ...whereSome("audioInputTokens", ofModality(prompt, "AUDIO")),
    ...whereSome("cachedAudioInputTokens", ofModality(metadata["cacheTokensDetails"], "AUDIO")),
    ...whereSome("imageInputTokens", ofModality(prompt, "IMAGE")),
    ...whereSome("audioOutputTokens", ofModality(metadata["candidatesTokensDetails"], "AUDIO")),
    ...whereSome("imageOutputTokens", ofModality(metadata["candidatesTokensDetails"], "IMAGE")),
  };
};
