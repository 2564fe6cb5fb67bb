import type { ChatRequest, Message, ToolMessage } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { encodeAssistantParts, encodeUserPart } from "./encode-parts.ts";
import { thinkingControl } from "./thinking.ts";

/** A tool call of the conversation: its function, and its place among the calls of its turn. */
export interface KnownCall {
  readonly name: string;
  readonly position: number;
}

/** The call that each tool result answers: the nearest one before it with its id. Undefined where there is none. */
export const callsOfResults = (messages: readonly Message[]): ReadonlyMap<ToolMessage, KnownCall | undefined> => {
  const calls = new Map<string, KnownCall>();
  const answered = new Map<ToolMessage, KnownCall | undefined>();
  for (const message of messages) {
    if (message.role === "tool") answered.set(message, calls.get(message.toolCallId));
    if (message.role !== "assistant") continue;
    const made = message.content.filter((part) => part.type === "toolCall");
    for (const [position, call] of made.entries()) calls.set(call.id, { name: call.name, position });
  }
  return answered;
};

/** A result as the object that Gemini wants: an object as it is, anything else under the documented key. */
const encodeResponse = (message: ToolMessage): JsonObject => {
  const text = message.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
  const parsed = parseJson(text);
  if (message.isError === true) return { error: isJsonObject(parsed) ? parsed : text };
  return isJsonObject(parsed) ? parsed : { output: text };
};

const encodeResult = (message: ToolMessage, call: KnownCall | undefined, baseUrl: string): JsonObject => {
  if (call === undefined)
    throw new GatewayError("invalid_value", "A tool result answers no tool call that comes before it.", {
      param: "messages",
    });
  const media = message.content.filter((part) => part.type !== "text").map((part) => encodeUserPart(part, baseUrl));
  return {
    functionResponse: {
      id: message.toolCallId,
      name: call.name,
      response: encodeResponse(message),
      ...(media.length === 0 ? {} : { parts: media }),
    },
  };
};

interface Context {
  readonly baseUrl: string;
  readonly calls: ReadonlyMap<ToolMessage, KnownCall | undefined>;
  readonly needsSignature: boolean;
}

/** The results of one turn, in the order of its calls: models without ids match them by place. */
const encodeResults = (results: readonly ToolMessage[], { calls, baseUrl }: Context): JsonObject => {
  const place = (message: ToolMessage): number => calls.get(message)?.position ?? Number.MAX_SAFE_INTEGER;
  const ordered = results.toSorted((left, right) => place(left) - place(right));
  return { role: "user", parts: ordered.map((message) => encodeResult(message, calls.get(message), baseUrl)) };
};

const encodeTurn = (message: Message, context: Context): JsonObject | undefined => {
  if (message.role === "user")
    return { role: "user", parts: message.content.map((part) => encodeUserPart(part, context.baseUrl)) };
  if (message.role !== "assistant") return undefined;
  const parts = encodeAssistantParts(message.content, context);
  return parts.length === 0 ? undefined : { role: "model", parts };
};

/** The conversation as `systemInstruction` and `contents` ("Generating content", ai.google.dev). */
export const encodeConversation = (
  request: ChatRequest,
  target: Target,
  baseUrl: string,
): { readonly systemInstruction?: JsonObject; readonly contents: readonly JsonObject[] } => {
  const { messages } = request;
  const needsSignature = thinkingControl(target.model) === "level";
  const context: Context = { baseUrl, calls: callsOfResults(messages), needsSignature };
  const instructions: JsonObject[] = [];
  const contents: JsonObject[] = [];
  let results: ToolMessage[] = [];
  const flush = (): void => {
    if (results.length > 0) contents.push(encodeResults(results, context));
    results = [];
  };
  for (const message of messages) {
    if (message.role === "tool") {
      results.push(message);
      continue;
    }
    if (message.role === "system" || message.role === "developer") {
      instructions.push(...message.content.map(({ text }) => ({ text })));
      continue;
    }
    flush();
    const turn = encodeTurn(message, context);
    if (turn !== undefined) contents.push(turn);
  }
  flush();
  return instructions.length === 0 ? { contents } : { systemInstruction: { parts: instructions }, contents };
};
