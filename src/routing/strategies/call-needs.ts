import type { Call } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { Modality, ModelFacts } from "../../core/model.ts";

/** Something that a request may need of a model, and whether a model has it; undefined where that is not known. */
export interface Capability {
  readonly name: string;
  isNeeded(request: ChatRequest, contains: ReadonlySet<string>): boolean;
  has(facts: ModelFacts): boolean | undefined;
}

const takes =
  (modality: Modality) =>
  ({ inputModalities }: ModelFacts): boolean | undefined =>
    inputModalities?.includes(modality);

export const capabilities: readonly Capability[] = [
  { name: "tools", isNeeded: ({ tools }) => tools !== undefined, has: ({ tools }) => tools },
  { name: "images", isNeeded: (_, contains) => contains.has("image"), has: takes("image") },
  { name: "audio", isNeeded: (_, contains) => contains.has("audio"), has: takes("audio") },
  { name: "files", isNeeded: (_, contains) => contains.has("file"), has: takes("pdf") },
  {
    name: "structured output",
    isNeeded: ({ responseFormat }) => responseFormat?.kind === "schema",
    has: ({ structuredOutput }) => structuredOutput,
  },
  {
    name: "reasoning",
    isNeeded: ({ reasoning }) => reasoning !== undefined && reasoning.effort !== "none",
    has: ({ reasoning }) => reasoning,
  },
];

/** The kinds of parts that a chat request holds. */
export const partsIn = ({ messages }: ChatRequest): ReadonlySet<string> => {
  const kinds = new Set<string>();
  for (const { content } of messages) for (const { type } of content) kinds.add(type);
  return kinds;
};

/** The capabilities that a call needs. */
export const needsOf = ({ operation, request }: Call): ReadonlySet<Capability> => {
  if (operation !== "chat") return new Set();
  const chat = request as ChatRequest;
  const contains = partsIn(chat);
  return new Set(capabilities.filter(({ isNeeded }) => isNeeded(chat, contains)));
};
