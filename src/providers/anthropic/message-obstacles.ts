import type { AssistantPart, FilePart, MediaSource, Message, UserPart } from "../../core/chat.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import { addMessageObstacles } from "../message-obstacles.ts";
import { inlineSource, inputObject } from "./encode-parts.ts";

const imageTypes: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

const foreignFile = (source: MediaSource): string | undefined =>
  source.kind === "file" && !source.fileId.startsWith("file_")
    ? "this file is kept by another provider; send its content or a URL instead"
    : undefined;

const imageReason = (given: MediaSource): string | undefined => {
  const source = inlineSource(given);
  if (source.kind === "base64" && !imageTypes.has(source.mediaType))
    return `Anthropic's API reads JPEG, PNG, GIF and WebP images, not '${source.mediaType}'`;
  return foreignFile(source);
};

const fileReason = (part: FilePart): string | undefined => {
  const source = inlineSource(part.source);
  if (source.kind !== "base64") return foreignFile(source);
  const isRead = source.mediaType === "application/pdf" || source.mediaType.startsWith("text/plain");
  return isRead ? undefined : `Anthropic's API reads PDF and plain-text files, not '${source.mediaType}'`;
};

const partReason = (part: UserPart | AssistantPart): string | undefined => {
  switch (part.type) {
    case "opaque":
      return part.dialect === "anthropic"
        ? undefined
        : `only providers of the ${part.dialect} dialect understand this content`;
    case "audio":
      return "Anthropic's API reads no audio";
    case "image":
      return imageReason(part.source);
    case "file":
      return fileReason(part);
    case "toolCall":
      return inputObject(part.arguments) === undefined
        ? `the arguments of the call of '${part.name}' are not a JSON object, and Anthropic's API takes nothing else`
        : undefined;
    default:
      return undefined;
  }
};

const isEmpty = (part: UserPart | AssistantPart): boolean => part.type === "text" && part.text === "";

/** Adds what of the conversation Anthropic's API cannot carry. */
export const addAnthropicMessageObstacles = (obstacles: Obstacle[], messages: readonly Message[]): void => {
  addMessageObstacles(obstacles, messages, {
    names: "Anthropic's API takes no names of participants",
    part: partReason,
  });
  for (let index = 0; index < messages.length; index++) {
    const { role, content } = messages[index] as Message;
    if (role !== "user" || (content[0] !== undefined && !isEmpty(content[0])) || !content.every(isEmpty)) continue;
    obstacles.push({ field: `messages.${index}.content`, reason: "Anthropic's API takes no empty user message" });
  }
};
