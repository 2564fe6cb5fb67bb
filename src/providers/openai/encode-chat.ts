import { createHash } from "node:crypto";
import type { ChatRequest, Reasoning, ResponseFormat, Tool, ToolChoice } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Extra } from "../../core/reply.ts";
import { gatewayFields } from "../gateway-fields.ts";
import { defined } from "../request.ts";
import { encodeMessages } from "./encode-messages.ts";
import { ownFields } from "./encode-parts.ts";
import { continuationFields, markBegun } from "./prefill.ts";
import type { Quirks } from "./quirks.ts";

const encodeTool = (tool: Tool): JsonValue => {
  if (tool.type === "opaque") return tool.value;
  const { name, description, parameters, strict } = tool;
  const definition = defined({ name, description, parameters, strict }) as JsonObject;
  return { type: "function", function: definition, ...ownFields(tool) };
};

const encodeToolChoice = (choice: ToolChoice | undefined): JsonValue | undefined => {
  if (choice === undefined) return undefined;
  if (choice.kind === "function") return { type: "function", function: { name: choice.name } };
  return choice.kind === "opaque" ? choice.value : choice.kind;
};

const encodeResponseFormat = (format: ResponseFormat | undefined): JsonValue | undefined => {
  if (format === undefined) return undefined;
  if (format.kind === "text") return { type: "text" };
  if (format.kind === "json") return { type: "json_object" };
  const { name, schema, description, strict } = format;
  return { type: "json_schema", json_schema: defined({ name, description, schema, strict }) as JsonObject };
};

/** The nearest named effort for a budget of reasoning tokens, where a server knows only names. */
export const effortOfBudget = (tokens: number): NonNullable<Reasoning["effort"]> => {
  if (tokens <= 0) return "none";
  if (tokens <= 2_048) return "low";
  return tokens <= 8_192 ? "medium" : "high";
};

const encodeReasoning = (reasoning: Reasoning | undefined, target: Target, quirks: Quirks): JsonObject => {
  if (reasoning === undefined) return {};
  const { effort, budgetTokens } = reasoning;
  if (quirks.reasoningRequest === "object") {
    // OpenRouter takes one of the two; the budget says more.
    if (budgetTokens !== undefined) return { reasoning: { max_tokens: budgetTokens } };
    return effort === undefined ? {} : { reasoning: { effort } };
  }
  const wanted = effort ?? (budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens));
  // A model that never reasons refuses the field, even where it says "none".
  if (wanted === undefined || (wanted === "none" && target.facts.reasoning === false)) return {};
  return { reasoning_effort: wanted };
};

/** `stream_options` of a streamed request: usage is always asked for, since the ledger needs it. */
export const encodeStreamOptions = (stream: boolean, given: JsonValue | undefined, quirks: Quirks): JsonObject => {
  if (!stream || quirks.streamOptions === "refused") return {};
  return { stream_options: { ...(isJsonObject(given) ? given : {}), include_usage: true } };
};

/** Unknown fields that came in this dialect and go on as they are. */
export const passedOn = (extra: Extra | undefined): JsonObject => {
  if (extra?.dialect !== "openai") return {};
  const kept: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(extra.fields))
    if (!gatewayFields.has(key) && key !== "stream_options") kept[key] = value;
  return kept;
};

/** The fields that this server takes, under the names that it knows them by. */
export const renamed = (fields: Readonly<Record<string, unknown>>, quirks: Quirks): Record<string, unknown> => {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields))
    if (!quirks.omits.includes(key)) result[quirks.renames[key] ?? key] = value;
  return result;
};

/** OpenAI takes at most 64 characters; a longer name is told apart by its hash. */
export const userFor = (user: string | undefined): string | undefined =>
  user === undefined || user.length <= 64 ? user : createHash("sha256").update(user).digest("hex");

/** The name under which the server takes a limit on output tokens. */
export const maxTokensField = (quirks: Quirks): string => quirks.maxTokensFields[0] ?? "max_tokens";

/** A chat request in OpenAI's wire format, built from the internal form. */
export const encodeChatBody = (
  request: ChatRequest,
  target: Target,
  quirks: Quirks,
): Readonly<Record<string, unknown>> => {
  const known = defined({
    model: target.model,
    messages: markBegun(encodeMessages(request.messages, quirks), request, quirks),
    tools: request.tools?.map(encodeTool),
    tool_choice: encodeToolChoice(request.toolChoice),
    parallel_tool_calls: request.parallelToolCalls,
    [maxTokensField(quirks)]: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    stop: request.stop,
    n: request.n,
    seed: request.seed,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    logit_bias: request.logitBias,
    logprobs: request.logprobs,
    top_logprobs: request.topLogprobs,
    response_format: encodeResponseFormat(request.responseFormat),
    user: userFor(request.user),
    metadata: request.metadata,
    ...encodeReasoning(request.reasoning, target, quirks),
    ...continuationFields(request, quirks),
    stream: request.stream ? true : undefined,
    ...encodeStreamOptions(request.stream, streamOptionsOf(request), quirks),
  });
  return renamed({ ...known, ...passedOn(request.extra), ...known }, quirks);
};

const streamOptionsOf = ({ extra }: ChatRequest): JsonValue | undefined =>
  extra?.dialect === "openai" ? extra.fields["stream_options"] : undefined;
