import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { ModelFacts } from "../../core/model.ts";
import type { ListedModel, ModelLister, ProviderSettings } from "../../core/ports/provider.ts";
import { malformed } from "../upstream-error.ts";
import { endpointUrl } from "./endpoint.ts";
import { failureWithin, isErrorBody } from "./errors.ts";

const names = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : []);

/** A feature that is not listed is unknown: the list has grown over time. */
const decodeFacts = (row: JsonObject, endpoints: readonly JsonValue[]): ModelFacts => {
  const features = names(row["features"]);
  const { context_length: context } = row;
  return {
    ...(typeof context === "number" && Number.isInteger(context) && context > 0 ? { contextTokens: context } : {}),
    ...(features.includes("tools") ? { tools: true } : {}),
    ...(features.includes("json_schema") ? { structuredOutput: true } : {}),
    ...(features.includes("reasoning") ? { reasoning: true } : {}),
    ...(features.includes("vision") ? { inputModalities: ["text", "image"] as const } : {}),
    ...(endpoints.includes("embed") && !endpoints.includes("chat") ? { embeddings: true } : {}),
    source: "upstream",
  };
};

const decodeRow = (row: JsonValue): readonly ListedModel[] => {
  if (!isJsonObject(row) || typeof row["name"] !== "string" || row["name"] === "") return [];
  const endpoints = names(row["endpoints"]);
  // Models for classification or ranking alone answer nothing that is asked through this provider.
  const isServed = endpoints.length === 0 || endpoints.includes("chat") || endpoints.includes("embed");
  return isServed ? [{ id: row["name"], facts: decodeFacts(row, endpoints) }] : [];
};

/** The list of models ("List Models", Cohere API reference), asked for in one page. */
export const listModels = (settings: ProviderSettings): ModelLister => ({
  encode: () => ({ method: "GET", url: endpointUrl(settings, "/v1/models?page_size=1000"), headers: settings.headers }),
  decode(body) {
    if (isJsonObject(body) && isErrorBody(body)) throw failureWithin(settings.name, body);
    const rows = isJsonObject(body) ? body["models"] : undefined;
    if (!Array.isArray(rows)) throw malformed(settings.name, "a list of models without 'models'");
    return rows.flatMap(decodeRow);
  },
});
