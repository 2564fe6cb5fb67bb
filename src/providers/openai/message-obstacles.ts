import type { AssistantPart, Message, UserPart } from "../../core/chat.ts";
import type { MessageRules } from "../message-obstacles.ts";
import type { Quirks } from "./quirks.ts";

const mediaReason = (part: UserPart, quirks: Quirks): string | undefined => {
  if (part.type === "text" || part.type === "opaque") return undefined;
  if (!quirks.media.includes(part.type)) return `this provider reads no content of type '${part.type}'`;
  if (part.type === "image" && part.source.kind === "file")
    return "images go to this provider by URL or inline, not by file id";
  if (part.type === "file" && part.source.kind === "url" && quirks.fileUrls === "refused")
    return "files go to this provider inline or by file id, not by URL";
  return undefined;
};

const partReason = (part: UserPart | AssistantPart, role: Message["role"], quirks: Quirks): string | undefined => {
  switch (part.type) {
    case "opaque":
      return part.dialect === "openai"
        ? undefined
        : `only providers of the ${part.dialect} dialect understand this content`;
    case "image":
    case "audio":
    case "file":
      return role === "tool" && quirks.toolResultMedia === "refused"
        ? "this provider takes text only as the result of a tool"
        : mediaReason(part, quirks);
    default:
      return undefined;
  }
};

const rules = new WeakMap<Quirks, MessageRules>();

/** What of messages a server with these quirks cannot carry; made once for each. */
export const messageRules = (quirks: Quirks): MessageRules => {
  let made = rules.get(quirks);
  if (made === undefined) {
    made = {
      names: quirks.messageNames === "refused" ? "this provider takes no names of participants" : undefined,
      part: (part, { role }) => partReason(part, role, quirks),
    };
    rules.set(quirks, made);
  }
  return made;
};
