import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Extra } from "../../core/reply.ts";
import { always, type FieldRules, type Rule } from "../foreign-fields.ts";
import { defined } from "../request.ts";
import type { Endpoint } from "./endpoint.ts";

/** Ollama's own fields, known by name in any dialect, since no other API has them. */
const nativeNames = ["keep_alive", "raw", "shift", "think", "truncate"] as const;

/** Other servers' names of what `options` holds ("Parameters" of "Modelfile reference", docs.ollama.com). */
const optionNames: Readonly<Record<string, string>> = {
  min_p: "min_p",
  num_ctx: "num_ctx",
  repeat_last_n: "repeat_last_n",
  repeat_penalty: "repeat_penalty",
  repetition_penalty: "repeat_penalty",
  typical_p: "typical_p",
};

const isNumber: Rule = (value) => typeof value === "number";

/** Fields of other dialects that are carried to Ollama. */
export const carriedFields: FieldRules = {
  ...Object.fromEntries(nativeNames.map((field) => [field, always])),
  ...Object.fromEntries(Object.keys(optionNames).map((field) => [field, isNumber])),
  options: isJsonObject,
};

interface NativeFields {
  readonly body: JsonObject;
  readonly options: JsonObject;
}

const nativeOf = (extra: Extra | undefined): NativeFields => {
  if (extra === undefined) return { body: {}, options: {} };
  const { options: given, ...fields } = extra.fields;
  const options: Record<string, JsonValue> = {};
  for (const field in optionNames) {
    const value = fields[field];
    if (typeof value === "number") options[optionNames[field] as string] = value;
  }
  if (isJsonObject(given)) Object.assign(options, given);
  if (extra.dialect === "ollama") return { body: fields, options };
  const body: Record<string, JsonValue> = {};
  for (const field of nativeNames) {
    const value = fields[field];
    if (value !== undefined && value !== null) body[field] = value;
  }
  return { body, options };
};

/**
 * A body from Ollama's own fields of the request, the configured defaults and what the request says in the internal
 * form; the latter goes first. `truncate` is off: Ollama would else drop the start of a prompt that is too long
 * without a word, where an error lets another model answer.
 */
export const withNativeFields = (
  extra: Extra | undefined,
  endpoint: Endpoint,
  fields: { readonly body: Readonly<Record<string, unknown>>; readonly options: Readonly<Record<string, unknown>> },
): Record<string, unknown> => {
  const native = nativeOf(extra);
  const options = { ...endpoint.defaultOptions, ...native.options, ...defined(fields.options) };
  return {
    truncate: false,
    ...endpoint.defaults,
    ...native.body,
    ...defined(fields.body),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
};
