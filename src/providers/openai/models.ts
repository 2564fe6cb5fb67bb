import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Modality, ModelFacts } from "../../core/model.ts";
import type { Price } from "../../core/money.ts";
import type { ListedModel, ModelLister } from "../../core/ports/provider.ts";
import { malformed } from "../upstream-error.ts";
import { failureWithin, isErrorBody } from "./errors.ts";
import type { Dialogue } from "./quirks.ts";

const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

const firstCount = (...values: readonly (JsonValue | undefined)[]): number | undefined =>
  values.find((value): value is number => typeof value === "number" && Number.isInteger(value) && value > 0);

const firstFlag = (...values: readonly (JsonValue | undefined)[]): boolean | undefined =>
  values.find((value): value is boolean => typeof value === "boolean");

const modalities: Readonly<Record<string, Modality>> = {
  text: "text",
  image: "image",
  audio: "audio",
  video: "video",
  file: "pdf",
  pdf: "pdf",
};
const modalitiesOf = (value: JsonValue | undefined): readonly Modality[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((word: JsonValue) =>
    typeof word === "string" && Object.hasOwn(modalities, word) ? (modalities[word] ?? []) : [],
  );
};

const dollars = (value: JsonValue | undefined): number | undefined => {
  const amount = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof amount === "number" && Number.isFinite(amount) && amount >= 0 ? amount : undefined;
};

/** OpenRouter: USD per token, as text. A negative price means that it depends on where the call goes. */
const perTokenPrice = (pricing: JsonObject): Price | undefined => {
  const perMillion = (key: string): number | undefined => {
    const amount = dollars(pricing[key]);
    return amount === undefined ? undefined : Math.round(amount * 1e12) / 1e6;
  };
  const input = perMillion("prompt");
  const output = perMillion("completion");
  if (input === undefined || output === undefined) return undefined;
  const perThousand = (key: string): number | undefined => {
    const amount = dollars(pricing[key]);
    return amount ? Math.round(amount * 1e12) / 1e9 : undefined;
  };
  const others: Partial<Price> = {
    cacheRead: perMillion("input_cache_read"),
    cacheWrite: perMillion("input_cache_write"),
    inputAudio: perMillion("audio") || undefined,
    // A zero stands where reasoning costs what other output costs.
    reasoning: perMillion("internal_reasoning") || undefined,
    thousandRequests: perThousand("request"),
    thousandSearches: perThousand("web_search"),
  } as Partial<Price>;
  return { input, output, ...present(others) };
};

const present = <Fields extends object>(fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;

/** Together: numbers; Venice: objects with a `usd`. Both per million tokens. */
const perMillionPrice = (pricing: JsonObject): Price | undefined => {
  const amount = (value: JsonValue | undefined) => dollars(isJsonObject(value) ? value["usd"] : value);
  const input = amount(pricing["input"]);
  const output = amount(pricing["output"]);
  return input === undefined || output === undefined ? undefined : { input, output };
};

/** What the model's row says of its abilities: OpenRouter lists parameters, Mistral and Venice give flags. */
const abilities = (row: JsonObject, spec: JsonObject): ModelFacts => {
  const flags = { ...object(row["capabilities"]), ...object(spec["capabilities"]) };
  const parameters = row["supported_parameters"];
  const takes = (name: string) => (Array.isArray(parameters) ? parameters.includes(name) : undefined);
  const tools = firstFlag(flags["function_calling"], flags["supportsFunctionCalling"], takes("tools"));
  const reasoning = firstFlag(flags["reasoning"], flags["supportsReasoning"], takes("reasoning"));
  const structuredOutput = firstFlag(flags["supportsResponseSchema"], takes("structured_outputs"));
  const temperature = takes("temperature");
  const vision = firstFlag(flags["vision"], flags["supportsVision"]);
  const architecture = object(row["architecture"]);
  const inputs = modalitiesOf(architecture["input_modalities"]) ?? (vision === true ? ["text", "image"] : undefined);
  const outputs = modalitiesOf(architecture["output_modalities"]);
  return {
    ...(tools === undefined ? {} : { tools }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(structuredOutput === undefined ? {} : { structuredOutput }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(inputs === undefined ? {} : { inputModalities: inputs }),
    ...(outputs === undefined ? {} : { outputModalities: outputs }),
  };
};

const limits = (row: JsonObject, spec: JsonObject): ModelFacts => {
  const provider = object(row["top_provider"]);
  const meta = object(row["meta"]);
  const contextTokens = firstCount(
    row["context_length"],
    row["context_window"],
    row["max_model_len"],
    row["loaded_context_length"],
    row["max_context_length"],
    spec["availableContextTokens"],
    meta["n_ctx"],
    meta["n_ctx_train"],
  );
  const maxOutputTokens = firstCount(provider["max_completion_tokens"], row["max_completion_tokens"]);
  return {
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
};

const decodeFacts = (row: JsonObject): ModelFacts => {
  const spec = object(row["model_spec"]);
  const pricing = { ...object(row["pricing"]), ...object(spec["pricing"]) };
  const price = perTokenPrice(pricing) ?? perMillionPrice(pricing);
  const name = [row["name"], row["display_name"], spec["name"]].find((text) => typeof text === "string");
  const isEmbedding = row["type"] === "embedding" || row["type"] === "embeddings";
  return {
    ...(typeof name === "string" ? { name } : {}),
    ...limits(row, spec),
    ...abilities(row, spec),
    ...(price === undefined ? {} : { price }),
    ...(isEmbedding ? { embeddings: true } : {}),
    source: "upstream",
  };
};

const rowsOf = (body: unknown, provider: string): readonly JsonValue[] => {
  if (Array.isArray(body)) return body;
  if (isJsonObject(body) && isErrorBody(body)) throw failureWithin(provider, body);
  const data = isJsonObject(body) ? body["data"] : undefined;
  if (!Array.isArray(data)) throw malformed(provider, "a list of models that is not a list");
  return data;
};

/** Lists models ("List models", OpenAI API reference), with what servers of this family add to it. */
export const openaiModels = ({ provider, baseUrl, headers, quirks }: Dialogue): ModelLister => ({
  encode: () => ({ method: "GET", url: `${baseUrl}${quirks.modelsPath}`, headers }),
  decode: (body) =>
    rowsOf(body, provider).flatMap((row): readonly ListedModel[] =>
      isJsonObject(row) && typeof row["id"] === "string" && row["id"] !== ""
        ? [{ id: row["id"], facts: decodeFacts(row) }]
        : [],
    ),
});
