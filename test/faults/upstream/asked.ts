/** The wire formats that the upstream speaks. */
export const dialects = ["openai", "anthropic", "gemini", "ollama"] as const;
export type UpstreamDialect = (typeof dialects)[number];

/** What the last message of the user says of the call: which it is, and what the answer is to be. */
export interface Directive {
  readonly call: string;
  readonly seed: number;
  readonly words: number;
}

/** What the upstream understood of a request, whatever its wire format. */
export interface Asked {
  readonly model: string;
  readonly directive: Directive;
  readonly isStreamed: boolean;
  readonly hasTools: boolean;
  /** The text of the last message, where that is the assistant's: the beginning of the answer. */
  readonly beginning: string | null;
}

const marker = "lab:";

/** The text of the user's message that carries a directive. */
export const writeDirective = (directive: Directive): string => `${marker}${JSON.stringify(directive)}`;

/** Throws where the text has none. */
export const readDirective = (text: string): Directive => {
  const start = text.indexOf(marker);
  if (start === -1) throw new Error(`no directive in '${text.slice(0, 80)}'`);
  const end = text.indexOf("}", start);
  return JSON.parse(text.slice(start + marker.length, end + 1)) as Directive;
};

interface AnyMessage {
  readonly role?: string;
  readonly content?: unknown;
  readonly parts?: unknown;
}

/** The text of a message's content, whichever of the formats' shapes it has. */
const textIn = (content: unknown): string => {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: unknown }) => (typeof part.text === "string" ? part.text : "")).join("");
};
const textOfMessage = (message: AnyMessage | undefined): string => textIn(message?.content ?? message?.parts);

/** What `messages` (or Gemini's `contents`) say. */
export const readMessages = (messages: readonly AnyMessage[]): Pick<Asked, "directive" | "beginning"> => {
  const last = messages.at(-1);
  const isBegun = last?.role === "assistant" || last?.role === "model";
  return {
    directive: readDirective(textOfMessage(messages.findLast(({ role }) => role === "user"))),
    beginning: isBegun ? textOfMessage(last) : null,
  };
};
