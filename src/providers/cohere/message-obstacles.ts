import type { AssistantPart, Message, UserPart } from "../../core/chat.ts";
import type { MessageRules } from "../message-obstacles.ts";

const partReason = (part: UserPart | AssistantPart, { role }: Message): string | undefined => {
  switch (part.type) {
    case "opaque":
      return part.dialect === "cohere"
        ? undefined
        : `only providers of the ${part.dialect} dialect understand this content`;
    case "audio":
    case "file":
      return `Cohere's API reads no content of type '${part.type}'`;
    case "image":
      if (role === "tool") return "Cohere's API takes text only as the result of a tool";
      return part.source.kind === "file" ? "images go to Cohere by URL or inline, not by file id" : undefined;
    default:
      return undefined;
  }
};

/** What of messages Cohere's API cannot carry. */
export const messageRules: MessageRules = {
  names: "Cohere's API takes no names of participants",
  part: partReason,
};
