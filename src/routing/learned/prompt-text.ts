import type { Call } from "../../core/call.ts";
import type { Message } from "../../core/chat.ts";
import type { RequestOf } from "../../core/operations.ts";

/** What of a call says how hard it is, and which conversation it belongs to. */
export interface PromptText {
  /** What the user said last. */
  readonly text: string;
  /** Answers that stand in the conversation already. */
  readonly turns: number;
  /** The conversation's beginning, which its later turns repeat; empty where there is none. */
  readonly opening: string;
}

/** Of one message, more characters are not looked at: features read less of it. */
const longest = 20_000;

const textOf = ({ content }: Message): string => {
  let text = "";
  for (const part of content)
    if (part.type === "text") {
      text = text === "" ? part.text : `${text}\n${part.text}`;
      if (text.length > longest) return text;
    }
  return text;
};

const ofChat = ({ messages }: RequestOf<"chat">): PromptText => {
  const last = messages.findLast(({ role }) => role === "user");
  const first = messages.find(({ role }) => role === "user");
  let turns = 0;
  for (const { role } of messages) if (role === "assistant") turns++;
  return {
    text: last === undefined ? "" : textOf(last),
    turns,
    opening: first === undefined ? "" : textOf(first).slice(0, longest),
  };
};

/** Undefined where there is no prompt in words: what is learned is of no use there. */
export const promptTextOf = ({ operation, request }: Call): PromptText | undefined => {
  if (operation === "chat") return ofChat(request as RequestOf<"chat">);
  if (operation !== "textCompletion") return undefined;
  const [first] = (request as RequestOf<"textCompletion">).prompt;
  return typeof first === "string" ? { text: first, turns: 0, opening: "" } : undefined;
};
