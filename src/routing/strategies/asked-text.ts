import type { Call } from "../../core/call.ts";
import type { ChatRequest, Message } from "../../core/chat.ts";
import type { EmbeddingsRequest } from "../../core/embeddings.ts";
import type { TextCompletionRequest } from "../../core/text-completion.ts";

/** Of longer texts, strategies read so many characters of the beginning. */
export const mostCharacters = 32_768;

const textOf = (content: Message["content"]): string => {
  let text = "";
  for (const part of content) {
    if (part.type !== "text") continue;
    text = text === "" ? part.text : `${text}\n${part.text}`;
    if (text.length >= mostCharacters) break;
  }
  return text.slice(0, mostCharacters);
};

const texts = (values: readonly unknown[]): string =>
  values
    .slice(0, 64)
    .filter((value) => typeof value === "string")
    .join("\n")
    .slice(0, mostCharacters);

/** What is asked: the text of the last message of the user, or of a prompt or input. Its beginning, where it is long. */
export const askedText = ({ operation, request }: Call): string => {
  if (operation === "embeddings") return texts((request as EmbeddingsRequest).input);
  if (operation === "textCompletion") return texts((request as TextCompletionRequest).prompt);
  const message = (request as ChatRequest).messages.findLast(({ role }) => role === "user");
  return message === undefined ? "" : textOf(message.content);
};

/** The instructions of a chat; empty for other operations. */
export const instructionsText = ({ operation, request }: Call): string => {
  if (operation !== "chat") return "";
  let text = "";
  for (const { role, content } of (request as ChatRequest).messages) {
    if (role !== "system" && role !== "developer") continue;
    text = text === "" ? textOf(content) : `${text}\n${textOf(content)}`;
    if (text.length >= mostCharacters) break;
  }
  return text.slice(0, mostCharacters);
};

/** What the first message of the user says: the same through a whole conversation. */
export const firstText = ({ operation, request }: Call): string => {
  if (operation !== "chat") return "";
  const message = (request as ChatRequest).messages.find(({ role }) => role === "user");
  return message === undefined ? "" : textOf(message.content);
};
