import type { AssistantPart } from "../../core/chat.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Completion } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { readChatLogprobs } from "./logprobs.ts";
import {
  openCalls,
  readAnswer,
  readCreated,
  readFinishReason,
  readModel,
  readSeed,
  readText,
  readUsage,
} from "./read-answer.ts";

export const messageOf = (answer: JsonObject, provider: string): JsonObject => {
  const { message } = answer;
  if (!isJsonObject(message)) throw malformed(provider, "an answer without a message");
  return message;
};

const readContent = (answer: JsonObject, provider: string): readonly AssistantPart[] => {
  const message = messageOf(answer, provider);
  const thinking = readText(message["thinking"], provider);
  const text = readText(message["content"], provider);
  const calls = openCalls(provider).read(message["tool_calls"], readSeed(answer));
  return [
    ...(thinking === "" ? [] : [{ type: "reasoning", text: thinking } as const]),
    ...(text === "" ? [] : [{ type: "text", text } as const]),
    ...calls.map((call) => ({ type: "toolCall", ...call }) as const),
  ];
};

/** A whole answer of `/api/chat`. */
export const decodeChat = (body: unknown, provider: string): Completion => {
  const answer = readAnswer(body, provider);
  if (answer["done"] !== true) throw malformed(provider, "an answer that is not complete");
  const content = readContent(answer, provider);
  const logprobs = readChatLogprobs(answer["logprobs"]);
  const usage = readUsage(answer);
  const hasToolCalls = content.some(({ type }) => type === "toolCall");
  return {
    id: "",
    created: readCreated(answer),
    model: readModel(answer),
    choices: [
      {
        index: 0,
        content,
        finishReason: readFinishReason(answer, { hasToolCalls }),
        ...(logprobs === undefined ? {} : { logprobs }),
      },
    ],
    ...(usage === undefined ? {} : { usage }),
  };
};
