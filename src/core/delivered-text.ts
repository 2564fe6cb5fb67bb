import type { AssistantPart } from "./chat.ts";
import type { Chunk, Completion } from "./reply.ts";
import type { TextCompletion } from "./text-completion.ts";

/** What a model wrote in one event of a stream, as text whose tokens can be counted; empty where that is nothing. */
export const chunkText = (chunk: Chunk): string => {
  if (chunk.type === "text" || chunk.type === "reasoning" || chunk.type === "refusal") return chunk.text;
  // What only one dialect understands (signatures, encrypted reasoning, images) has a size that says nothing of tokens.
  return chunk.type === "toolCall" ? (chunk.name ?? "") + chunk.arguments : "";
};

const partText = (part: AssistantPart): string => {
  if (part.type === "toolCall") return part.name + part.arguments;
  return part.type === "opaque" ? "" : part.text;
};

/** What a model wrote in a whole answer. */
export const answerText = ({ choices }: Pick<Completion | TextCompletion, "choices">): string =>
  choices.map((choice) => ("text" in choice ? choice.text : choice.content.map(partText).join("\n"))).join("\n");
