import type { AssistantPart, ToolCallPart } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { ToolCallIds } from "../tool-call-ids.ts";
import { malformed } from "../upstream-error.ts";

const signatureOf = (part: JsonObject): { readonly providerData?: { readonly gemini: JsonObject } } => {
  const thoughtSignature = part["thoughtSignature"];
  return typeof thoughtSignature === "string" && thoughtSignature !== ""
    ? { providerData: { gemini: { thoughtSignature } } }
    : {};
};

/** Where the parts stand: their call ids, the seed of those that are made up, and who sent them. */
export interface PartContext {
  readonly ids: ToolCallIds;
  readonly seed: string;
  readonly provider: string;
}

const readCall = (part: JsonObject, { ids, seed, provider }: PartContext): ToolCallPart => {
  const call = part["functionCall"];
  if (!isJsonObject(call) || typeof call["name"] !== "string" || call["name"] === "")
    throw malformed(provider, "a function call without a name");
  const { args } = call as { readonly args?: JsonValue };
  const text = typeof args === "string" ? args : JSON.stringify(args ?? {});
  return { type: "toolCall", id: ids.next(call, seed), name: call["name"], arguments: text, ...signatureOf(part) };
};

const readPart = (part: JsonValue, context: PartContext): AssistantPart | undefined => {
  const { provider } = context;
  if (!isJsonObject(part)) throw malformed(provider, "a content part that is not an object");
  if ("functionCall" in part) return readCall(part, context);
  const { text } = part;
  if (text === undefined) {
    const signature = signatureOf(part);
    const hasMore = Object.keys(part).some((key) => key !== "thoughtSignature" && key !== "thought");
    if (hasMore) return { type: "opaque", dialect: "gemini", value: part };
    return "providerData" in signature ? { type: "text", text: "", ...signature } : undefined;
  }
  if (typeof text !== "string") throw malformed(provider, "a text that is not a string");
  const type = part["thought"] === true ? "reasoning" : "text";
  const signature = signatureOf(part);
  return text === "" && !("providerData" in signature) ? undefined : { type, text, ...signature };
};

/** The parts of a candidate's content; a blocked or empty candidate has none. Throws `upstream_invalid_response`. */
export const readParts = (candidate: JsonObject, context: PartContext): readonly AssistantPart[] => {
  const { content } = candidate;
  if (content === undefined || content === null) return [];
  if (!isJsonObject(content)) throw malformed(context.provider, "a content that is not an object");
  const parts = content["parts"] ?? [];
  if (!Array.isArray(parts)) throw malformed(context.provider, "content parts that are not an array");
  return parts.flatMap((part) => readPart(part, context) ?? []);
};
