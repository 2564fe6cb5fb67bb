import type { AssistantPart, ToolCallPart, UserPart } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../core/json.ts";
import { encodeAudio, encodeSource } from "./media.ts";

/** What Gemini takes in place of the signature of a call that another model made ("Thought signatures", FAQ). */
const foreignSignature = "skip_thought_signature_validator";

const signatureOf = (part: AssistantPart): string | undefined => {
  const signature = part.type === "opaque" ? undefined : part.providerData?.gemini?.["thoughtSignature"];
  return typeof signature === "string" ? signature : undefined;
};

const signed = (part: AssistantPart): JsonObject => {
  const thoughtSignature = signatureOf(part);
  return thoughtSignature === undefined ? {} : { thoughtSignature };
};

export const encodeUserPart = (part: UserPart, baseUrl: string): JsonObject => {
  switch (part.type) {
    case "text":
      return { text: part.text };
    case "image":
      return encodeSource(part.source, { baseUrl });
    case "audio":
      return encodeAudio(part);
    case "file":
      return encodeSource(part.source, { baseUrl, filename: part.filename });
    case "opaque":
      return part.value;
  }
};

/** The arguments as an object. Throws `invalid_value` where the text is not one: Gemini takes nothing else. */
const argumentsOf = (part: ToolCallPart): JsonObject => {
  const value = part.arguments.trim() === "" ? {} : parseJson(part.arguments);
  if (isJsonObject(value)) return value;
  throw new GatewayError("invalid_value", `The arguments of the call to '${part.name}' are not a JSON object.`, {
    param: "messages",
  });
};

const encodeAssistantPart = (part: AssistantPart): readonly JsonObject[] => {
  switch (part.type) {
    case "text":
    case "refusal":
      return part.text === "" && signatureOf(part) === undefined ? [] : [{ text: part.text, ...signed(part) }];
    case "reasoning": {
      // Only signed reasoning is Gemini's own and worth sending back. Without text it carries a text part's signature.
      if (signatureOf(part) === undefined) return [];
      return [{ text: part.text, ...(part.text === "" ? {} : { thought: true }), ...signed(part) }];
    }
    case "toolCall":
      return [{ functionCall: { id: part.id, name: part.name, args: argumentsOf(part) }, ...signed(part) }];
    case "opaque":
      return [part.value];
  }
};

/** The parts of a model's turn. `needsSignature`: its first call must be signed, if only by the stand-in. */
export const encodeAssistantParts = (
  content: readonly AssistantPart[],
  options: { readonly needsSignature: boolean },
): readonly JsonObject[] => {
  const parts = content.flatMap(encodeAssistantPart);
  const first = parts.findIndex((part) => "functionCall" in part);
  const call = parts[first];
  const isSigned = parts.some((part) => "functionCall" in part && "thoughtSignature" in part);
  if (call === undefined || isSigned || !options.needsSignature) return parts;
  return parts.with(first, { ...call, thoughtSignature: foreignSignature });
};
