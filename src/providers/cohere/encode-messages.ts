import type { AssistantMessage, ImagePart, Message, ToolMessage, UserPart } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";

type Fields = Record<string, JsonValue>;

const encodeImage = ({ source, detail }: ImagePart): JsonObject => {
  if (source.kind === "file")
    throw new GatewayError("unsupported_parameter", "Cohere's API takes images by URL or inline, not by file id.");
  const url = source.kind === "url" ? source.url : `data:${source.mediaType};base64,${source.data}`;
  // `original` asks for no loss of detail, which is `high` here.
  const asked = detail === undefined ? {} : { detail: detail === "original" ? "high" : detail };
  return { type: "image_url", image_url: { url, ...asked } };
};

const encodePart = (part: UserPart): JsonObject => {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return encodeImage(part);
    case "opaque":
      return part.value;
    default:
      throw new GatewayError("unsupported_parameter", `Cohere's API reads no content of type '${part.type}'.`);
  }
};

/** Content as plain text where it is one text. */
const encodeContent = (parts: readonly UserPart[]): JsonValue => {
  const [first] = parts;
  if (first === undefined) return "";
  return parts.length === 1 && first.type === "text" ? first.text : parts.map(encodePart);
};

/** How reasoning in the history is written: a model that does not reason takes none. */
export type ThinkingHistory = "taken" | "refused";

/** True for the plan that the model wrote before its tool calls, which has a field of its own. */
const isToolPlan = (part: AssistantMessage["content"][number]): boolean =>
  part.type === "reasoning" && part.providerData?.cohere?.["tool_plan"] === true;

const assistantContent = (message: AssistantMessage, thinking: ThinkingHistory): readonly JsonObject[] =>
  message.content.flatMap((part): readonly JsonObject[] => {
    if (part.type === "opaque") return [part.value];
    if (part.type === "text" || part.type === "refusal")
      return part.text === "" ? [] : [{ type: "text", text: part.text }];
    if (part.type !== "reasoning" || isToolPlan(part) || part.text === "" || thinking === "refused") return [];
    return [{ type: "thinking", thinking: part.text }];
  });

const encodeAssistant = (message: AssistantMessage, thinking: ThinkingHistory): Fields => {
  const fields: Fields = { role: "assistant" };
  const content = assistantContent(message, thinking);
  const [only] = content;
  if (only !== undefined)
    fields["content"] = content.length === 1 && only["type"] === "text" ? (only["text"] ?? "") : content;
  const plan = message.content
    .flatMap((part) => (part.type === "reasoning" && isToolPlan(part) ? [part.text] : []))
    .join("");
  if (plan !== "") fields["tool_plan"] = plan;
  const calls = message.content.flatMap((part) =>
    part.type === "toolCall"
      ? [{ id: part.id, type: "function", function: { name: part.name, arguments: part.arguments || "{}" } }]
      : [],
  );
  if (calls.length > 0) fields["tool_calls"] = calls;
  else if (only === undefined) fields["content"] = "";
  return fields;
};

/** The wire format has no flag for a failed tool, so the model is told in words. */
const encodeToolResult = ({ toolCallId, content, isError }: ToolMessage): Fields => {
  const parts: readonly UserPart[] = isError === true ? [{ type: "text", text: "Error:" }, ...content] : content;
  return { role: "tool", tool_call_id: toolCallId, content: encodeContent(parts) };
};

const encodeMessage = (message: Message, thinking: ThinkingHistory): JsonObject => {
  switch (message.role) {
    case "system":
    case "developer":
      return { role: "system", content: encodeContent(message.content) };
    case "user":
      return { role: "user", content: encodeContent(message.content) };
    case "assistant":
      return encodeAssistant(message, thinking);
    case "tool":
      return encodeToolResult(message);
  }
};

/** Messages in Cohere's wire format ("Chat", Cohere API reference v2). */
export const encodeMessages = (messages: readonly Message[], thinking: ThinkingHistory): readonly JsonObject[] =>
  messages.map((message) => encodeMessage(message, thinking));
