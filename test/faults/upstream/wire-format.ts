import type { Asked } from "./asked.ts";

/** What the upstream answers, before it is put into a wire format. */
export interface Answer {
  readonly model: string;
  /** Pieces of text, in order. */
  readonly pieces: readonly string[];
  readonly calls: readonly ToolCall[];
  readonly outputTokens: number;
  readonly inputTokens: number;
  readonly withUsage: boolean;
  readonly toolForm: "usual" | "without index" | "one index" | "objects";
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** One event of a streamed answer. */
export interface Event {
  /** What it brings; `end` is the wire format's own sign that the answer is complete. */
  readonly part: "start" | "content" | "finish" | "usage" | "end";
  /** Name of the event; empty where the format has none. */
  readonly name: string;
  readonly data: string;
  /** UTF-16 units of content in it. */
  readonly units: number;
}

/** One provider's wire format, as far as the upstream speaks it. */
export interface WireFormat {
  readonly framing: "sse" | "ndjson";
  /** Undefined where the path is none of this format's. */
  read(path: string, body: unknown): Asked | undefined;
  whole(answer: Answer): unknown;
  events(answer: Answer): readonly Event[];
  refusal(status: number, message: string): unknown;
  /** An error within a stream of status 200. */
  failure(message: string): Pick<Event, "name" | "data">;
}

export const contentUnits = ({ pieces, calls }: Answer): number =>
  pieces.reduce((sum, piece) => sum + piece.length, 0) +
  calls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0);

/** The bytes of an event in the usual form. */
export const writeEvent = (framing: WireFormat["framing"], { name, data }: Pick<Event, "name" | "data">): string => {
  if (framing === "ndjson") return `${data}\n`;
  return `${name === "" ? "" : `event: ${name}\n`}data: ${data}\n\n`;
};
