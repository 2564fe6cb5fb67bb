import type { AssistantPart, Message, UserPart } from "../core/chat.ts";
import type { Obstacle } from "../core/ports/provider.ts";

/** What one provider takes of messages; each rule gives the reason why not, or nothing. */
export interface MessageRules {
  /** Why names of participants are refused; absent where they are taken. */
  readonly names?: string | undefined;
  /** Asked for every part that is not text. */
  readonly part: (part: Exclude<UserPart | AssistantPart, { type: "text" }>, message: Message) => string | undefined;
}

/**
 * Adds what of the messages a provider cannot carry. It runs for every candidate of every call: a conversation of plain
 * text allocates nothing.
 */
export const addMessageObstacles = (
  obstacles: Obstacle[],
  messages: readonly Message[],
  { names, part: reasonFor }: MessageRules,
): void => {
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index] as Message;
    if (names !== undefined && message.role !== "tool" && message.name !== undefined)
      obstacles.push({ field: `messages.${index}.name`, reason: names });
    const { content } = message;
    for (let position = 0; position < content.length; position++) {
      const part = content[position] as UserPart | AssistantPart;
      if (part.type === "text") continue;
      const reason = reasonFor(part, message);
      if (reason !== undefined) obstacles.push({ field: `messages.${index}.content.${position}`, reason });
    }
  }
};
