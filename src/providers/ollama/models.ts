import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { ModelFacts } from "../../core/model.ts";
import type { ListedModel, ModelLister } from "../../core/ports/provider.ts";
import { defined } from "../request.ts";
import { malformed } from "../upstream-error.ts";
import type { Endpoint } from "./endpoint.ts";

const strings = (value: JsonValue | undefined): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : undefined;

const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const positive = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;

/** What newer servers say of a model in `capabilities`; what an older one leaves out stays unknown. */
const capabilityFacts = (capabilities: readonly string[] | undefined): ModelFacts => {
  if (capabilities === undefined) return {};
  const has = (name: string): boolean => capabilities.includes(name);
  return {
    tools: has("tools"),
    reasoning: has("thinking"),
    inputModalities: has("vision") ? ["text", "image"] : ["text"],
    ...(has("embedding") && !has("completion") ? { embeddings: true } : {}),
  };
};

const readFacts = (model: JsonObject): ModelFacts => {
  const details = isJsonObject(model["details"]) ? model["details"] : {};
  const tags = [text(details["parameter_size"]), text(details["quantization_level"])].filter(
    (tag) => tag !== undefined,
  );
  const isEmbedder = strings(details["families"])?.some((family) => /bert/.test(family)) === true;
  return {
    ...(isEmbedder ? { embeddings: true } : {}),
    ...capabilityFacts(strings(model["capabilities"])),
    ...(defined({
      family: text(details["family"]),
      contextTokens: positive(details["context_length"]),
      tags: tags.length === 0 ? undefined : tags,
    }) as ModelFacts),
    openWeights: true,
    source: "upstream",
  };
};

/** `GET /api/tags` ("List models", docs.ollama.com). */
export const listModels = ({ provider, baseUrl, headers }: Endpoint): ModelLister => ({
  encode: () => ({ method: "GET", url: `${baseUrl}/api/tags`, headers }),
  decode(body) {
    const models = isJsonObject(body) ? body["models"] : undefined;
    if (!Array.isArray(models)) throw malformed(provider, "a list of models that is not one");
    return models.filter(isJsonObject).flatMap((model): readonly ListedModel[] => {
      const id = text(model["model"]) ?? text(model["name"]);
      return id === undefined ? [] : [{ id, facts: readFacts(model) }];
    });
  },
});
