import type { AssistantPart, Message, UserPart } from "../../core/chat.ts";
import { isJsonObject, parseJson } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import { addMessageObstacles } from "../message-obstacles.ts";
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

/** Adds the results that no call asked for. */
const addStrayResults = (obstacles: Obstacle[], messages: readonly Message[]): void => {
  if (!messages.some(({ role }) => role === "tool")) return;
  const calls = callsOfResults(messages);
  messages.forEach((message, index) => {
    if (message.role === "tool" && calls.get(message) === undefined)
      obstacles.push({ field: `messages.${index}.tool_call_id`, reason: "no tool call of this id comes before it" });
  });
};

/** Adds what of the conversation Gemini cannot carry. */
export const addConversationObstacles = (obstacles: Obstacle[], messages: readonly Message[], target: Target): void => {
  addMessageObstacles(obstacles, messages, {
    names: "Gemini's messages have no names",
    part: (part, { role }) =>
      role === "assistant"
        ? assistantPartObstacle(part as AssistantPart)
        : userPartObstacle(part as UserPart, role, target),
  });
  addStrayResults(obstacles, messages);
  if (messages.every(({ role }) => role === "system" || role === "developer"))
    obstacles.push({ field: "messages", reason: "Gemini wants at least one message beside the instructions" });
};
