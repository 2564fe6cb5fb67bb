import type { AssistantPart } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Completion } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { failureWithin, isErrorBody } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { decodeLogprobs } from "./logprobs.ts";
import { decodeUsage } from "./usage.ts";

/** The plan before tool calls is the model's reasoning; the mark brings it back to its own field. */
export const toolPlanMark = { cohere: { tool_plan: true } } as const;

/** Arguments as JSON text; some servers give them as an object. */
export const argumentsText = (value: JsonValue | undefined): string => {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
};

const decodeContent = (content: JsonValue | undefined, provider: string): readonly AssistantPart[] => {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) throw malformed(provider, "a message whose content is neither text nor a list");
  return content.map((part: JsonValue): AssistantPart => {
    if (!isJsonObject(part)) throw malformed(provider, "a content part that is not an object");
    const { type, text, thinking } = part;
    if (type === "text" && typeof text === "string") return { type: "text", text };
    if (type === "thinking" && typeof thinking === "string") return { type: "reasoning", text: thinking };
    return { type: "opaque", dialect: "cohere", value: part };
  });
};

const decodeCalls = (calls: JsonValue | undefined, provider: string): readonly AssistantPart[] => {
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls)) throw malformed(provider, "tool calls that are not a list");
  return calls.map((call: JsonValue, position): AssistantPart => {
    const definition = isJsonObject(call) ? call["function"] : undefined;
    if (!isJsonObject(call) || !isJsonObject(definition)) throw malformed(provider, "a tool call without a function");
    const { name } = definition;
    if (typeof name !== "string" || name === "") throw malformed(provider, "a tool call without a name");
    const { id } = call;
    return {
      type: "toolCall",
      id: typeof id === "string" && id !== "" ? id : `${name}_${position}`,
      name,
      arguments: argumentsText(definition["arguments"]) || "{}",
    };
  });
};

const decodeMessage = (message: JsonObject, provider: string): readonly AssistantPart[] => {
  const { tool_plan: plan } = message;
  return [
    ...(typeof plan === "string" && plan !== ""
      ? [{ type: "reasoning", text: plan, providerData: toolPlanMark } as const]
      : []),
    ...decodeContent(message["content"], provider),
    ...decodeCalls(message["tool_calls"], provider),
  ];
};

/** A whole answer ("Chat", Cohere API reference v2). It does not name the model. */
export const decodeCompletion = (body: unknown, provider: string): Completion => {
  if (!isJsonObject(body)) throw malformed(provider, "an answer that is not a JSON object");
  if (isErrorBody(body)) throw failureWithin(provider, body);
  const { id, message } = body;
  if (!isJsonObject(message)) throw malformed(provider, "an answer without a message");
  const content = decodeMessage(message, provider);
  const hasToolCalls = content.some(({ type }) => type === "toolCall");
  const finishReason = decodeFinishReason(body["finish_reason"], { provider, hasToolCalls, error: body["error"] });
  const logprobs = decodeLogprobs(body["logprobs"]);
  const { citations } = message;
  const usage = decodeUsage(body["usage"]);
  return {
    id: typeof id === "string" ? id : "",
    created: 0,
    model: "",
    choices: [
      {
        index: 0,
        content,
        finishReason,
        ...(logprobs === undefined ? {} : { logprobs }),
        ...(Array.isArray(citations) && citations.length > 0
          ? { extra: { dialect: "cohere", fields: { citations } } as const }
          : {}),
      },
    ],
    ...(usage === undefined ? {} : { usage }),
  };
};
