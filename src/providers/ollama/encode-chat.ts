import type { ChatRequest, Reasoning, ResponseFormat, Tool } from "../../core/chat.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { WireRequest } from "../../core/ports/transport.ts";
import { defined, postJson } from "../request.ts";
import { encodeMessages } from "./encode-messages.ts";
import type { Endpoint } from "./endpoint.ts";
import { withNativeFields } from "./native-fields.ts";

/** Ollama wants a schema of each tool's arguments, also where there are none. */
const encodeTool = (tool: Tool): JsonObject => {
  if (tool.type === "opaque") return tool.value;
  const { name, description, parameters = { type: "object", properties: {} } } = tool;
  return { type: "function", function: defined({ name, description, parameters }) as JsonObject };
};

const encodeFormat = (format: ResponseFormat | undefined): JsonValue | undefined => {
  if (format === undefined || format.kind === "text") return undefined;
  if (format.kind === "json") return "json";
  const { schema, description } = format;
  return description === undefined || "description" in schema ? schema : { ...schema, description };
};

/** Levels of `think` ("Thinking", docs.ollama.com); Ollama's own OpenAI-compatible endpoint maps efforts alike. */
const levels: Readonly<Record<NonNullable<Reasoning["effort"]>, boolean | string>> = {
  none: false,
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "max",
  max: "max",
};

/** There are no budgets: a budget asks for the level that spends about as much. */
const levelOfBudget = (tokens: number): boolean | string => {
  if (tokens <= 0) return false;
  if (tokens <= 2_048) return "low";
  return tokens <= 8_192 ? "medium" : "high";
};

const encodeThink = (reasoning: Reasoning | undefined): boolean | string | undefined => {
  if (reasoning === undefined) return undefined;
  if (reasoning.effort !== undefined) return levels[reasoning.effort];
  return reasoning.budgetTokens === undefined ? undefined : levelOfBudget(reasoning.budgetTokens);
};

/** A choice of no tool is made by naming none: Ollama has no such field. */
const encodeTools = ({ tools = [], toolChoice }: ChatRequest): readonly JsonObject[] | undefined =>
  tools.length === 0 || toolChoice?.kind === "none" ? undefined : tools.map(encodeTool);

/** `POST /api/chat` ("Generate a chat message", docs.ollama.com). */
export const encodeChat = (request: ChatRequest, target: Target, endpoint: Endpoint): WireRequest => {
  const body = withNativeFields(request.extra, endpoint, {
    body: {
      model: target.model,
      messages: encodeMessages(request.messages),
      tools: encodeTools(request),
      format: encodeFormat(request.responseFormat),
      think: encodeThink(request.reasoning),
      logprobs: request.logprobs === true ? true : undefined,
      top_logprobs: request.logprobs === true ? request.topLogprobs : undefined,
      stream: request.stream,
    },
    options: {
      num_predict: request.maxOutputTokens,
      temperature: request.temperature,
      top_k: request.topK,
      top_p: request.topP,
      stop: request.stop === undefined || request.stop.length === 0 ? undefined : request.stop,
      seed: request.seed,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
    },
  });
  return postJson(`${endpoint.baseUrl}/api/chat`, body, endpoint.headers);
};
