import type { AssistantPart } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { malformed } from "../upstream-error.ts";

/** The fields that have no name of ours, without those that say nothing. */
export const leftoverFields = (object: JsonObject, known: ReadonlySet<string>): JsonObject => {
  const rest: Record<string, JsonValue> = {};
  for (const key in object) {
    const value = object[key];
    if (!known.has(key) && value !== null && value !== undefined) rest[key] = value;
  }
  return rest;
};

/** The same as a part's provider data; absent where there are none. */
export const ownData = (fields: JsonObject) =>
  Object.keys(fields).length === 0 ? {} : { providerData: { anthropic: fields } };

const textFields: ReadonlySet<string> = new Set(["type", "text"]);
const thinkingFields: ReadonlySet<string> = new Set(["type", "thinking"]);
const toolFields: ReadonlySet<string> = new Set(["type", "id", "name", "input"]);

/** The fields of a tool call beside its name and input; that the model itself called it goes without saying. */
export const toolCallFields = (block: JsonObject): JsonObject => {
  const { caller, ...rest } = leftoverFields(block, toolFields);
  const isDirect = isJsonObject(caller) && caller["type"] === "direct";
  return caller === undefined || isDirect ? rest : { ...rest, caller };
};

/** Arguments as JSON text; some servers give them as text already. */
export const argumentsText = (input: JsonValue | undefined): string => {
  if (typeof input === "string") return input;
  return input === undefined || input === null ? "{}" : JSON.stringify(input);
};

/** How a reply's blocks are to be read. */
export interface BlockReader {
  readonly provider: string;
  /** Whether a tool of this name carries the structured answer. */
  isAnswer(toolName: string): boolean;
}

const decodeToolUse = (block: JsonObject, position: number, { provider, isAnswer }: BlockReader): AssistantPart => {
  const { id, name, input } = block;
  if (typeof name !== "string" || name === "") throw malformed(provider, "a tool call without a name");
  if (isAnswer(name)) return { type: "text", text: argumentsText(input) };
  return {
    type: "toolCall",
    id: typeof id === "string" && id !== "" ? id : `toolu_${position}`,
    name,
    arguments: argumentsText(input),
    ...ownData(toolCallFields(block)),
  };
};

/** A block of a whole reply as a part; what only Anthropic knows (server tools, redacted thinking) is kept whole. */
export const decodeBlock = (block: JsonValue, position: number, reader: BlockReader): AssistantPart => {
  if (!isJsonObject(block) || typeof block["type"] !== "string")
    throw malformed(reader.provider, "a content block without a type");
  const { type, text, thinking } = block;
  if (type === "tool_use") return decodeToolUse(block, position, reader);
  if (type === "text") {
    if (typeof text !== "string") throw malformed(reader.provider, "a text block without text");
    return { type: "text", text, ...ownData(leftoverFields(block, textFields)) };
  }
  if (type === "thinking") {
    if (typeof thinking !== "string") throw malformed(reader.provider, "a thinking block without text");
    const { signature, ...rest } = leftoverFields(block, thinkingFields);
    const fields = signature === undefined || signature === "" ? rest : { ...rest, signature };
    return { type: "reasoning", text: thinking, ...ownData(fields) };
  }
  return { type: "opaque", dialect: "anthropic", value: block };
};
