import { createHash } from "node:crypto";
import type { AssistantPart, ToolCallPart } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { malformed } from "../upstream-error.ts";

/** Ids of one candidate's tool calls; Gemini may give none, and nothing says that those it gives are distinct. */
export interface CallIds {
  /** The call's own id where it is new, else one made up from what is known: the same answer gets the same ids. */
  next(call: JsonObject): string;
}

export const openCallIds = (seed: string): CallIds => {
  const given = new Set<string>();
  let position = 0;
  return {
    next(call) {
      const own = call["id"];
      const text = `${seed}\n${position++}\n${JSON.stringify(call)}`;
      const id =
        typeof own === "string" && own !== "" && !given.has(own)
          ? own
          : `call_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
      given.add(id);
      return id;
    },
  };
};

const signatureOf = (part: JsonObject): { readonly providerData?: { readonly gemini: JsonObject } } => {
  const thoughtSignature = part["thoughtSignature"];
  return typeof thoughtSignature === "string" && thoughtSignature !== ""
    ? { providerData: { gemini: { thoughtSignature } } }
    : {};
};

const readCall = (part: JsonObject, ids: CallIds, provider: string): ToolCallPart => {
  const call = part["functionCall"];
  if (!isJsonObject(call) || typeof call["name"] !== "string" || call["name"] === "")
    throw malformed(provider, "a function call without a name");
  const { args } = call as { readonly args?: JsonValue };
  const text = typeof args === "string" ? args : JSON.stringify(args ?? {});
  return { type: "toolCall", id: ids.next(call), name: call["name"], arguments: text, ...signatureOf(part) };
};

const readPart = (part: JsonValue, ids: CallIds, provider: string): AssistantPart | undefined => {
  if (!isJsonObject(part)) throw malformed(provider, "a content part that is not an object");
  if ("functionCall" in part) return readCall(part, ids, provider);
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
export const readParts = (
  candidate: JsonObject,
  context: { readonly ids: CallIds; readonly provider: string },
): readonly AssistantPart[] => {
  const { content } = candidate;
  if (content === undefined || content === null) return [];
  if (!isJsonObject(content)) throw malformed(context.provider, "a content that is not an object");
  const parts = content["parts"] ?? [];
  if (!Array.isArray(parts)) throw malformed(context.provider, "content parts that are not an array");
  return parts.flatMap((part) => readPart(part, context.ids, context.provider) ?? []);
};
