import type { AssistantPart, Message, UserPart } from "../../core/chat.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import type { Quirks } from "./quirks.ts";

const mediaReason = (part: UserPart, quirks: Quirks): string | undefined => {
  if (part.type === "text" || part.type === "opaque") return undefined;
  if (!quirks.media.includes(part.type)) return `This provider reads no content of type '${part.type}'.`;
  if (part.type === "image" && part.source.kind === "file")
    return "Images go to this provider by URL or inline, not by file id.";
  if (part.type === "file" && part.source.kind === "url" && quirks.fileUrls === "refused")
    return "Files go to this provider inline or by file id, not by URL.";
  return undefined;
};

const partReason = (part: UserPart | AssistantPart, role: Message["role"], quirks: Quirks): string | undefined => {
  switch (part.type) {
    case "opaque":
      return part.dialect === "openai"
        ? undefined
        : `Only providers of the ${part.dialect} dialect understand this content.`;
    case "image":
    case "audio":
    case "file":
      return role === "tool" && quirks.toolResultMedia === "refused"
        ? "This provider takes text only as the result of a tool."
        : mediaReason(part, quirks);
    default:
      return undefined;
  }
};

/** What of one message a server with these quirks cannot carry. */
export const messageObstacles = (message: Message, index: number, quirks: Quirks): readonly Obstacle[] => {
  const obstacles: Obstacle[] = [];
  if (quirks.messageNames === "refused" && "name" in message && message.name !== undefined)
    obstacles.push({ field: `messages.${index}.name`, reason: "This provider takes no names of participants." });
  message.content.forEach((part, position) => {
    const reason = partReason(part, message.role, quirks);
    if (reason !== undefined) obstacles.push({ field: `messages.${index}.content.${position}`, reason });
  });
  return obstacles;
};
