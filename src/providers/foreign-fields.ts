import type { Dialect } from "../core/chat.ts";
import { isJsonObject, type JsonValue } from "../core/json.ts";
import type { Obstacle } from "../core/ports/provider.ts";
import type { Extra } from "../core/reply.ts";

/** Whether a field with this value has the said standing. */
export type Rule = (value: JsonValue) => boolean;

export type FieldRules = Readonly<Record<string, Rule>>;

export const always: Rule = () => true;
export const oneOf =
  (...values: readonly JsonValue[]): Rule =>
  (value) =>
    values.includes(value);
const isEmptyList: Rule = (value) => Array.isArray(value) && value.length === 0;
const isTextOnly: Rule = (value) => Array.isArray(value) && value.every((modality) => modality === "text");

const hasOnly =
  (...names: readonly string[]): Rule =>
  (value) =>
    isJsonObject(value) && Object.keys(value).every((name) => names.includes(name));

/** Edits of earlier thoughts, which other dialects do not hand back to the model anyway. */
const clearsThoughtsOnly: Rule = (value) => {
  if (!isJsonObject(value) || Object.keys(value).some((name) => name !== "edits")) return false;
  const { edits = [] } = value as { readonly edits?: JsonValue };
  const clearsThoughts = (edit: JsonValue): boolean =>
    isJsonObject(edit) && typeof edit["type"] === "string" && edit["type"].startsWith("clear_thinking");
  return Array.isArray(edits) && edits.every(clearsThoughts);
};

/**
 * What providers of other dialects may leave out, by the dialect that it came in: fields that govern storing, billing,
 * caching, speed or abuse reports and never what is answered, and values that ask for what happens anyway. Every other
 * field is an obstacle, known here or not. By "Create chat completion" (OpenAI), "Create a Message" (Anthropic),
 * "Generating content" (Gemini), "Generate a chat message" (Ollama) and "Chat" (Cohere).
 */
export const hints: Readonly<Record<Dialect, FieldRules>> = {
  openai: {
    cache_control: always,
    functions: isEmptyList,
    metadata: always,
    modalities: isTextOnly,
    prediction: always,
    prompt_cache_key: always,
    prompt_cache_options: always,
    prompt_cache_retention: always,
    safety_identifier: always,
    // The other tiers cost more or less, and the bill would tell what the answer does not.
    service_tier: oneOf("auto", "default"),
    store: always,
    stream_options: always,
    // OpenRouter's request for a usage object, which is always asked for.
    usage: hasOnly("include"),
    user: always,
    verbosity: oneOf("medium"),
  },
  anthropic: {
    anthropic_beta: always,
    anthropic_version: always,
    betas: always,
    cache_control: always,
    context_management: clearsThoughtsOnly,
    inference_geo: oneOf("global"),
    mcp_servers: isEmptyList,
    metadata: always,
    service_tier: oneOf("auto", "standard_only"),
    speed: oneOf("standard"),
    // The wish to reason stands in the request; what is left here is how thoughts are to be shown.
    thinking: hasOnly("type", "budget_tokens", "display"),
  },
  gemini: { labels: always, store: always },
  ollama: { keep_alive: always },
  cohere: { priority: always },
};

const isAllowed = (rules: FieldRules, field: string, value: JsonValue): boolean =>
  Object.hasOwn(rules, field) && (rules[field] as Rule)(value);

const none: readonly Obstacle[] = [];
const noRules: FieldRules = {};
/** Names come from clients, and obstacles are recorded. */
const longestName = 100;

/**
 * The fields that came in another dialect than `dialect`, the target's own, and that would be lost on the way to it.
 * `carried` are those that its translator writes under whatever name they have there.
 */
export const foreignObstacles = (
  extra: Extra | undefined,
  dialect: Dialect,
  carried: FieldRules = noRules,
): readonly Obstacle[] => {
  if (extra === undefined || extra.dialect === dialect) return none;
  const harmless = hints[extra.dialect];
  const obstacles: Obstacle[] = [];
  for (const [field, value] of Object.entries(extra.fields))
    if (value !== null && !isAllowed(carried, field, value) && !isAllowed(harmless, field, value))
      obstacles.push({ field: field.slice(0, longestName), reason: "this provider has no equivalent" });
  return obstacles;
};
