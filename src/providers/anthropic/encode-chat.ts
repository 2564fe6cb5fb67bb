import type { ChatRequest } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { defined } from "../request.ts";
import { encodeMessages } from "./encode-messages.ts";
import { encodeTools } from "./encode-tools.ts";
import { type ModelTraits, traitsOf } from "./model-traits.ts";
import { nativeFields } from "./native-fields.ts";
import { answerToolFields, outputFormat } from "./structured-output.ts";
import { planThinking } from "./thinking.ts";

const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
const unlessEmpty = <Value extends object>(value: Value): Value | undefined =>
  Object.keys(value).length === 0 ? undefined : value;

const encodeOutputConfig = (request: ChatRequest, traits: ModelTraits, effort: string | undefined) =>
  unlessEmpty(
    defined({ effort, ...object(nativeFields(request)["output_config"]), format: outputFormat(request, traits) }),
  );

const encodeMetadata = (request: ChatRequest) =>
  unlessEmpty(defined({ ...object(nativeFields(request)["metadata"]), user_id: request.user }));

/** OpenAI's names of tiers in Anthropic's. */
const tiers: Readonly<Record<string, string>> = { auto: "auto", priority: "auto", default: "standard_only" };

/** What OpenAI's dialect, or clients of gateways in it, say of tiers and of caching the whole prompt. */
const encodeForeign = ({ extra }: ChatRequest): Readonly<Record<string, unknown>> => {
  if (extra?.dialect !== "openai") return {};
  const { service_tier: tier, cache_control: marker } = extra.fields;
  return {
    service_tier: typeof tier === "string" && Object.hasOwn(tiers, tier) ? tiers[tier] : undefined,
    cache_control: isJsonObject(marker) ? marker : undefined,
  };
};

/** Temperature and top_p as the model takes them: 1 is the default of both, and some models take only one of them. */
const encodeSampling = ({ temperature, topP }: ChatRequest, target: Target, traits: ModelTraits) => {
  const fixed = target.facts.temperature === false;
  const keepsTemperature =
    !fixed && !(traits.oneSamplingField && temperature === 1 && topP !== undefined && topP !== 1);
  const keepsTopP = topP !== 1 || !(fixed || (traits.oneSamplingField && temperature !== undefined));
  return { temperature: keepsTemperature ? temperature : undefined, top_p: keepsTopP ? topP : undefined };
};

/** A chat request in Anthropic's wire format ("Create a Message", Anthropic API reference). */
export const encodeChatBody = (request: ChatRequest, target: Target): Readonly<Record<string, unknown>> => {
  const traits = traitsOf(target);
  const { maxTokens, thinking, effort } = planThinking(request, target, traits);
  const { system, turns } = encodeMessages(request.messages, traits.systemTurns ? "taken" : "refused");
  const { thinking: _thinking, output_config: _config, metadata: _metadata, ...native } = nativeFields(request);
  return {
    ...native,
    ...defined({
      model: target.model,
      max_tokens: maxTokens,
      system: unlessEmpty(system),
      messages: turns,
      ...encodeTools(request),
      ...answerToolFields(request, traits),
      thinking,
      output_config: encodeOutputConfig(request, traits, effort),
      ...encodeSampling(request, target, traits),
      top_k: request.topK,
      stop_sequences: request.stop,
      metadata: encodeMetadata(request),
      ...encodeForeign(request),
      stream: request.stream ? true : undefined,
    }),
  };
};
