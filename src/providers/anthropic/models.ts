import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Modality, ModelFacts } from "../../core/model.ts";
import type { ListedModel, ModelLister, ProviderSettings } from "../../core/ports/provider.ts";
import { malformed } from "../upstream-error.ts";
import { endpointHeaders, endpointUrl } from "./endpoint.ts";
import { failureWithin, isErrorBody } from "./errors.ts";

const positive = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;

/** Whether a capability is there; undefined where the row does not say. */
const supports = (capabilities: JsonObject, name: string): boolean | undefined => {
  const capability = capabilities[name];
  return isJsonObject(capability) && typeof capability["supported"] === "boolean" ? capability["supported"] : undefined;
};

const inputsOf = (capabilities: JsonObject): readonly Modality[] | undefined => {
  const image = supports(capabilities, "image_input");
  const pdf = supports(capabilities, "pdf_input");
  if (image === undefined && pdf === undefined) return undefined;
  return ["text", ...(image === true ? (["image"] as const) : []), ...(pdf === true ? (["pdf"] as const) : [])];
};

/** Models without a known release date carry an epoch. */
const releaseDate = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" && /^\d{4}-\d{2}-\d{2}/.test(value) && !value.startsWith("1970")
    ? value.slice(0, 10)
    : undefined;

const decodeFacts = (row: JsonObject): ModelFacts => {
  const { display_name: name } = row;
  const capabilities = isJsonObject(row["capabilities"]) ? row["capabilities"] : {};
  const contextTokens = positive(row["max_input_tokens"]);
  const maxOutputTokens = positive(row["max_tokens"]);
  const reasoning = supports(capabilities, "thinking");
  const structuredOutput = supports(capabilities, "structured_outputs");
  const inputModalities = inputsOf(capabilities);
  const released = releaseDate(row["created_at"]);
  return {
    ...(typeof name === "string" && name !== "" ? { name } : {}),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(structuredOutput === undefined ? {} : { structuredOutput }),
    ...(inputModalities === undefined ? {} : { inputModalities }),
    ...(released === undefined ? {} : { releaseDate: released }),
    source: "upstream",
  };
};

/** The list of models ("List Models", Anthropic API reference), asked for in one page. */
export const listModels = (settings: ProviderSettings): ModelLister => ({
  encode: () => ({
    method: "GET",
    url: endpointUrl(settings, "/models?limit=1000"),
    headers: endpointHeaders(settings),
  }),
  decode(body) {
    if (isJsonObject(body) && isErrorBody(body)) throw failureWithin(settings.name, body);
    const rows = isJsonObject(body) ? body["data"] : undefined;
    if (!Array.isArray(rows)) throw malformed(settings.name, "a list of models without 'data'");
    return rows.flatMap((row: JsonValue): ListedModel[] =>
      isJsonObject(row) && typeof row["id"] === "string" && row["id"] !== ""
        ? [{ id: row["id"], facts: decodeFacts(row) }]
        : [],
    );
  },
});
