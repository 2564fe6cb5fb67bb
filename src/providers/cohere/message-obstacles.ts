import type { AssistantPart, Message, UserPart } from "../../core/chat.ts";
import type { Obstacle } from "../../core/ports/provider.ts";

const partReason = (part: UserPart | AssistantPart, role: Message["role"]): string | undefined => {
  switch (part.type) {
    case "opaque":
      return part.dialect === "cohere"
        ? undefined
        : `Only providers of the ${part.dialect} dialect understand this content.`;
    case "audio":
    case "file":
      return `Cohere's API reads no content of type '${part.type}'.`;
    case "image":
      if (role === "tool") return "Cohere's API takes text only as the result of a tool.";
      return part.source.kind === "file" ? "Images go to Cohere by URL or inline, not by file id." : undefined;
    default:
      return undefined;
  }
};

/** What of one message Cohere's API cannot carry. */
export const messageObstacles = (message: Message, index: number): readonly Obstacle[] => {
  const obstacles: Obstacle[] = [];
  if ("name" in message && message.name !== undefined)
    obstacles.push({ field: `messages.${index}.name`, reason: "Cohere's API takes no names of participants." });
  message.content.forEach((part, position) => {
    const reason = partReason(part, message.role);
    if (reason !== undefined) obstacles.push({ field: `messages.${index}.content.${position}`, reason });
  });
  return obstacles;
};
