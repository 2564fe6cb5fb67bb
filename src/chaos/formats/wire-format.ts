/** What is answered, before it is put into a wire format. */
export interface Answer {
  readonly model: string;
  readonly pieces: readonly string[];
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A streamed answer as the bytes of its events. */
export interface StreamedAnswer {
  /** Before the first content; may be empty. */
  readonly opening: string;
  /** One for each piece. */
  readonly content: readonly string[];
  /** Says that the answer is complete. */
  readonly ending: string;
}

/** What of a request decides on its answer. */
export interface Asked {
  readonly model: string;
  readonly isStreamed: boolean;
  /** The beginning of the answer, where the last message is the assistant's. */
  readonly beginning: string | null;
}

/** One provider's wire format, as far as a fault needs it. */
export interface WireFormat {
  readonly contentType: "text/event-stream" | "application/x-ndjson";
  /** `path` is that of the request with its query. */
  read(path: string, body: unknown): Asked;
  whole(answer: Answer): unknown;
  stream(answer: Answer): StreamedAnswer;
  refusal(status: number, message: string): unknown;
  /** An event that the format does not allow. */
  readonly malformed: string;
}

export const serverSentEvent = (data: unknown, name?: string): string =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;

export const malformedEvent = 'data: {"broken": \n\n';

const textOf = (content: unknown): string => {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => String((part as { readonly text?: unknown }).text ?? "")).join("");
};

/** The text of the last message where the assistant (by any of its names) says it. */
export const beginningOf = (messages: unknown): string | null => {
  const last = (Array.isArray(messages) ? messages : []).at(-1) as
    | { readonly role?: unknown; readonly content?: unknown; readonly parts?: unknown }
    | undefined;
  if (last?.role !== "assistant" && last?.role !== "model") return null;
  return textOf(last.content ?? last.parts);
};

/** Reads a body that names its model and says whether it wants a stream. */
export const readMessagesBody =
  (streamedByDefault: "streamed" | "whole") =>
  (_path: string, body: unknown): Asked => {
    const { model, stream, messages } = body as Readonly<Record<string, unknown>>;
    return {
      model: String(model),
      isStreamed: stream === undefined ? streamedByDefault === "streamed" : stream === true,
      beginning: beginningOf(messages),
    };
  };
