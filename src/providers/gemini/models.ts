import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { ListedModel, ModelLister } from "../../core/ports/provider.ts";
import { malformed } from "../upstream-error.ts";
import type { Endpoint } from "./endpoint.ts";

const positive = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;

const field = <Key extends string, Value>(key: Key, value: Value | undefined): { readonly [Name in Key]?: Value } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [Name in Key]?: Value };

const readModel = (model: JsonObject): readonly ListedModel[] => {
  const { name, displayName, thinking, supportedGenerationMethods: methods } = model;
  if (typeof name !== "string" || !Array.isArray(methods)) return [];
  const chats = methods.includes("generateContent");
  const embeds = methods.includes("embedContent");
  if (!chats && !embeds) return [];
  return [
    {
      id: name.replace(/^models\//, ""),
      facts: {
        ...field("name", typeof displayName === "string" ? displayName : undefined),
        ...field("contextTokens", positive(model["inputTokenLimit"])),
        ...field("maxOutputTokens", chats ? positive(model["outputTokenLimit"]) : undefined),
        ...field("reasoning", typeof thinking === "boolean" ? thinking : undefined),
        ...(chats ? {} : { embeddings: true }),
        source: "upstream",
      },
    },
  ];
};

/** `models.list` ("Models", ai.google.dev). One page holds up to 1,000, more than there are. */
export const listModels = ({ provider, baseUrl, headers }: Endpoint): ModelLister => ({
  encode: () => ({ method: "GET", url: `${baseUrl}/models?pageSize=1000`, headers }),
  decode(body) {
    const models = isJsonObject(body) ? body["models"] : undefined;
    if (!Array.isArray(models)) throw malformed(provider, "a list of models that is not one");
    return models.filter(isJsonObject).flatMap(readModel);
  },
});
