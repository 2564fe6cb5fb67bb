import type { ChatRequest, ResponseFormat } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { WireRequest } from "../../core/ports/transport.ts";
import { defined, postJson } from "../request.ts";
import { encodeConversation } from "./contents.ts";
import { encodeToolConfig, encodeTools } from "./encode-tools.ts";
import { type Endpoint, modelResource } from "./endpoint.ts";
import { carriedByChat, nativeFields } from "./native-fields.ts";
import { encodeThinking } from "./thinking.ts";

const encodeFormat = (format: ResponseFormat | undefined): JsonObject => {
  if (format === undefined || format.kind === "text") return {};
  if (format.kind === "json") return { responseMimeType: "application/json" };
  const { schema, description } = format;
  const described = description === undefined || "description" in schema ? schema : { ...schema, description };
  return { responseMimeType: "application/json", responseJsonSchema: described };
};

const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** Fields of this dialect that the internal form has no name for. */
const ownExtra = (request: ChatRequest): JsonObject => nativeFields(request.extra, carriedByChat);

const encodeGenerationConfig = (request: ChatRequest, target: Target): JsonObject => {
  const extra = objectOf(ownExtra(request)["generationConfig"]);
  const thinking = encodeThinking(request.reasoning, target);
  // What a client of this dialect says of showing thoughts goes before our own wish to see them.
  const thinkingConfig = thinking === undefined ? undefined : { ...thinking, ...objectOf(extra["thinkingConfig"]) };
  return {
    ...extra,
    ...(defined({
      maxOutputTokens: request.maxOutputTokens,
      temperature: request.temperature,
      topP: request.topP,
      topK: request.topK,
      stopSequences: request.stop === undefined || request.stop.length === 0 ? undefined : request.stop,
      candidateCount: request.n,
      seed: request.seed,
      frequencyPenalty: request.frequencyPenalty,
      presencePenalty: request.presencePenalty,
      responseLogprobs: request.logprobs === true ? true : undefined,
      logprobs: request.logprobs === true ? request.topLogprobs : undefined,
      thinkingConfig,
    }) as JsonObject),
    ...encodeFormat(request.responseFormat),
  };
};

/** The body of `generateContent` and `streamGenerateContent` ("Generating content", ai.google.dev). */
export const encodeChatBody = (request: ChatRequest, target: Target, baseUrl: string): Record<string, unknown> => {
  const extra = ownExtra(request);
  const toolConfig = { ...objectOf(extra["toolConfig"]), ...encodeToolConfig(request) };
  const generationConfig = encodeGenerationConfig(request, target);
  const isEmpty = (object: JsonObject): boolean => Object.keys(object).length === 0;
  return {
    ...extra,
    ...defined({
      ...encodeConversation(request, target, baseUrl),
      tools: encodeTools(request.tools),
      toolConfig: isEmpty(toolConfig) ? undefined : toolConfig,
      generationConfig: isEmpty(generationConfig) ? undefined : generationConfig,
    }),
  };
};

export const encodeChat = (request: ChatRequest, target: Target, endpoint: Endpoint): WireRequest => {
  const method = request.stream ? "streamGenerateContent?alt=sse" : "generateContent";
  const url = `${endpoint.baseUrl}/${modelResource(target)}:${method}`;
  return postJson(url, encodeChatBody(request, target, endpoint.baseUrl), endpoint.headers);
};
