import type {
  AssistantPart,
  ChatRequest,
  FunctionTool,
  Message,
  ResponseFormat,
  Tool,
  ToolChoice,
} from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { type JsonObject, omitKeys } from "../../core/json.ts";
import { validate } from "../validate.ts";
import { type ChatBody, type ChatBodyMessage, chatSchema } from "./chat-schema.ts";
import { parseAssistantContent, parseInstructions, parseUserContent } from "./parse-content.ts";
import { parsePlainChat } from "./parse-plain-chat.ts";
import { gatewayFields, present } from "./present.ts";

const known: ReadonlySet<string> = new Set([...Object.keys(chatSchema.shape), ...gatewayFields]);

/** The old `function_call` had no id; a call and its result are matched by name and position. */
const legacyCallId = (name: string): string => `call_${name}`;

const knownOfCall: ReadonlySet<string> = new Set(["id", "type", "function", "index"]);

const callData = (call: JsonObject): { providerData?: { openai: JsonObject } } => {
  const unknown = omitKeys(call, knownOfCall);
  return Object.keys(unknown).length === 0 ? {} : { providerData: { openai: unknown } };
};

const assistantParts = (message: ChatBodyMessage & { role: "assistant" }, path: string): readonly AssistantPart[] => [
  ...(message.reasoning_content ? [{ type: "reasoning" as const, text: message.reasoning_content }] : []),
  ...parseAssistantContent(message.content, `${path}.content`),
  ...(message.refusal ? [{ type: "refusal" as const, text: message.refusal }] : []),
  ...(message.tool_calls ?? []).map(
    (call): AssistantPart =>
      call.function === undefined
        ? { type: "opaque", dialect: "openai", value: call as JsonObject }
        : {
            type: "toolCall",
            id: call.id,
            name: call.function.name,
            arguments: call.function.arguments,
            ...callData(call as unknown as JsonObject),
          },
  ),
  ...(message.function_call
    ? [
        {
          type: "toolCall" as const,
          id: legacyCallId(message.function_call.name),
          name: message.function_call.name,
          arguments: message.function_call.arguments,
        },
      ]
    : []),
];

const knownOfMessage: ReadonlySet<string> = new Set([
  "role",
  "content",
  "name",
  "refusal",
  "tool_calls",
  "function_call",
  "reasoning_content",
  "tool_call_id",
]);

/** Fields of a message that only providers of this dialect may know (a provider's reasoning details, an audio's id). */
const ownData = (message: ChatBodyMessage): { providerData?: { openai: JsonObject } } => {
  const unknown = omitKeys(message as unknown as JsonObject, knownOfMessage);
  return Object.keys(unknown).length === 0 ? {} : { providerData: { openai: unknown } };
};

const parseMessage = (message: ChatBodyMessage, index: number): Message => ({
  ...parseKnown(message, index),
  ...ownData(message),
});

const parseKnown = (message: ChatBodyMessage, index: number): Message => {
  const path = `messages.${index}`;
  switch (message.role) {
    case "system":
    case "developer":
      return {
        role: message.role,
        content: parseInstructions(message.content, `${path}.content`),
        ...present({ name: message.name }),
      };
    case "user":
      return {
        role: "user",
        content: parseUserContent(message.content, `${path}.content`),
        ...present({ name: message.name }),
      };
    case "assistant":
      return { role: "assistant", content: assistantParts(message, path), ...present({ name: message.name }) };
    case "tool":
      return {
        role: "tool",
        toolCallId: message.tool_call_id,
        content: parseUserContent(message.content, `${path}.content`),
      };
    case "function":
      return {
        role: "tool",
        toolCallId: legacyCallId(message.name),
        content: parseUserContent(message.content ?? "", path),
      };
  }
};

type WireFunction = NonNullable<ChatBody["functions"]>[number];

const functionTool = ({ name, description, parameters, strict }: WireFunction): FunctionTool => ({
  type: "function",
  name,
  ...present({ description, parameters, strict }),
});

const parseTools = (body: ChatBody): readonly Tool[] | undefined => {
  const tools = (body.tools ?? []).map((tool, index): Tool => {
    if (tool.type !== "function") return { type: "opaque", dialect: "openai", value: tool as JsonObject };
    if (tool.function !== undefined) return functionTool(tool.function);
    const param = `tools.${index}.function`;
    throw new GatewayError("missing_required_parameter", `Missing required parameter: '${param}'.`, { param });
  });
  const all = [...tools, ...(body.functions ?? []).map(functionTool)];
  return all.length === 0 ? undefined : all;
};

const parseToolChoice = ({ tool_choice: choice, function_call: legacy }: ChatBody): ToolChoice | undefined => {
  if (typeof choice === "string") return { kind: choice };
  if (choice?.type === "function" && choice.function !== undefined)
    return { kind: "function", name: choice.function.name };
  if (choice) return { kind: "opaque", dialect: "openai", value: choice as JsonObject };
  if (typeof legacy === "string") return { kind: legacy };
  return legacy ? { kind: "function", name: legacy.name } : undefined;
};

const parseResponseFormat = (format: ChatBody["response_format"]): ResponseFormat | undefined => {
  if (!format) return undefined;
  if (format.type === "text") return { kind: "text" };
  if (format.type === "json_object") return { kind: "json" };
  const { name, schema, description, strict } = format.json_schema;
  return { kind: "schema", name, schema: schema ?? {}, ...present({ description, strict }) };
};

/** The request by the schema: whatever it holds, and with the path of what is wrong. */
export const parseBySchema = (raw: JsonObject): ChatRequest => {
  const body = validate(chatSchema, raw);
  const unknown = omitKeys(raw, known);
  return {
    model: body.model,
    messages: body.messages.map(parseMessage),
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
    ...present({
      tools: parseTools(body),
      toolChoice: parseToolChoice(body),
      parallelToolCalls: body.parallel_tool_calls,
      maxOutputTokens: body.max_completion_tokens ?? body.max_tokens,
      temperature: body.temperature,
      topP: body.top_p,
      topK: body.top_k,
      stop: typeof body.stop === "string" ? [body.stop] : body.stop,
      n: body.n,
      seed: body.seed,
      frequencyPenalty: body.frequency_penalty,
      presencePenalty: body.presence_penalty,
      logitBias: body.logit_bias,
      logprobs: body.logprobs,
      topLogprobs: body.top_logprobs,
      responseFormat: parseResponseFormat(body.response_format),
      reasoning: body.reasoning_effort ? { effort: body.reasoning_effort } : undefined,
      user: body.user,
      metadata: body.metadata,
    }),
    ...(Object.keys(unknown).length === 0 ? {} : { extra: { dialect: "openai" as const, fields: unknown } }),
  };
};

const isKnown = (field: string): boolean => known.has(field);

/** An OpenAI chat request in the internal form. Throws GatewayError with the path of what is wrong. */
export const parseChatRequest = (raw: JsonObject): ChatRequest => parsePlainChat(raw, isKnown) ?? parseBySchema(raw);
