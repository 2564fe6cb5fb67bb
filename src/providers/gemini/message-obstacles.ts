import type { AssistantPart, Message, UserPart } from "../../core/chat.ts";
import { isJsonObject, parseJson } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import { callsOfResults } from "./contents.ts";
import { audioObstacle, sourceObstacle } from "./media.ts";
import { thinkingControl } from "./thinking.ts";

type Place = Message["role"];

const foreignOpaque = (part: UserPart | AssistantPart): string | undefined =>
  part.type === "opaque" && part.dialect !== "gemini"
    ? `Gemini does not know this part of '${part.dialect}'`
    : undefined;

/** In a tool result, media must be inline, and only models from Gemini 3 on read it ("Function calling"). */
const resultMediaObstacle = (part: UserPart, target: Target): string | undefined => {
  if (part.type === "text") return undefined;
  if (thinkingControl(target.model) === "budget") return "this model reads only text in tool results";
  if ((part.type === "image" || part.type === "file") && part.source.kind !== "base64")
    return "media in a tool result must be inline, as base64";
  return undefined;
};

const userPartObstacle = (part: UserPart, place: Place, target: Target): string | undefined => {
  const here = place === "tool" ? resultMediaObstacle(part, target) : undefined;
  if (here !== undefined) return here;
  if (part.type === "audio") return audioObstacle(part);
  if (part.type === "image" || part.type === "file") return sourceObstacle(part.source);
  return foreignOpaque(part);
};

const assistantPartObstacle = (part: AssistantPart): string | undefined => {
  if (part.type !== "toolCall") return foreignOpaque(part);
  return part.arguments.trim() === "" || isJsonObject(parseJson(part.arguments))
    ? undefined
    : "Gemini takes the arguments of a call only as a JSON object";
};

const partObstacles = (message: Message, target: Target): readonly (string | undefined)[] => {
  if (message.role === "assistant") return message.content.map(assistantPartObstacle);
  if (message.role === "system" || message.role === "developer") return [];
  return message.content.map((part) => userPartObstacle(part, message.role, target));
};

/** What of the conversation Gemini cannot carry. */
export const messageObstacles = (messages: readonly Message[], target: Target): readonly Obstacle[] => {
  const calls = callsOfResults(messages);
  const obstacles = messages.flatMap((message, index): readonly Obstacle[] => {
    const at = `messages.${index}`;
    const found: Obstacle[] = partObstacles(message, target).flatMap((reason, part) =>
      reason === undefined ? [] : [{ field: `${at}.content.${part}`, reason }],
    );
    if ("name" in message && message.name !== undefined)
      found.push({ field: `${at}.name`, reason: "Gemini's messages have no names" });
    if (message.role === "tool" && calls.get(message) === undefined)
      found.push({ field: `${at}.tool_call_id`, reason: "no tool call of this id comes before it" });
    return found;
  });
  if (messages.some(({ role }) => role !== "system" && role !== "developer")) return obstacles;
  return [...obstacles, { field: "messages", reason: "Gemini wants at least one message beside the instructions" }];
};
