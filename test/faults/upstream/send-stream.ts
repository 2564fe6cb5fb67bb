import type { Behaviour, FaultKind } from "./behaviour.ts";
import type { Exchange } from "./exchange.ts";
import { type Event, type WireFormat, writeEvent } from "./wire-format.ts";

/** What of a stream is sent at once: the bytes of an event, and the content in it. */
interface Piece {
  readonly part: Event["part"];
  readonly bytes: string;
  readonly text: string;
}

/** The lines of an event's data, as many as a pretty printer makes of it. */
const manyLines = (data: string): string => (data === "[DONE]" ? data : JSON.stringify(JSON.parse(data), null, 1));

const render = (kind: FaultKind, framing: WireFormat["framing"], event: Pick<Event, "name" | "data">): string => {
  const usual = writeEvent(framing, event);
  switch (kind) {
    case "crlf":
      return usual.replaceAll("\n", "\r\n");
    case "lone-cr":
      return usual.replaceAll("\n", "\r");
    case "comments":
      return framing === "ndjson" ? `\n${usual}\n` : `: still here\nid: 7\n\nretry: 100\n${usual}:\n\n`;
    case "multi-line": {
      const lines = manyLines(event.data).split("\n");
      return `${event.name === "" ? "" : `event: ${event.name}\n`}${lines.map((line) => `data: ${line}\n`).join("")}\n`;
    }
    default:
      return usual;
  }
};

/** Which events a stream leaves out. */
const isLeftOut = (kind: FaultKind, { part }: Event): boolean =>
  (kind === "no-done" && part === "end") || (kind === "no-finish" && (part === "finish" || part === "end"));

/** Text of the pieces whose last byte lies within the first so many bytes. */
const textWithin = (pieces: readonly Piece[], bytes: number): string => {
  let end = 0;
  let text = "";
  for (const piece of pieces) {
    end += Buffer.byteLength(piece.bytes);
    if (end > bytes) break;
    text += piece.text;
  }
  return text;
};

/** What happens in the place of the next piece; true where the stream is over with it. */
const strike = async (exchange: Exchange, kind: FaultKind, format: WireFormat): Promise<void> => {
  switch (kind) {
    case "headers-then-reset":
    case "reset-after-N":
      // The pieces before must have left, or the reset would overtake them.
      await exchange.pause(20);
      return exchange.reset();
    case "headers-then-end":
      return exchange.endChunks("closed");
    case "close-after-N":
      return exchange.close();
    case "error-frame-first":
    case "error-frame-after-N":
      exchange.chunk(writeEvent(format.framing, format.failure("The engine failed within its answer.")));
      return exchange.endChunks("closed");
    case "broken-json-after-N":
      exchange.chunk(writeEvent(format.framing, { name: "", data: '{"choices":[{"delta":{"content":"br' }));
      return exchange.endChunks("closed");
    case "broken-sse-after-N":
      exchange.chunk(Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0x0a, 0x0a]));
      return exchange.endChunks("closed");
    case "endless-line-after-N":
      exchange.chunk("data: ");
      while (await exchange.drained()) exchange.chunk("x".repeat(65_536));
      return;
    default:
      // Silence, until the peer goes.
      while (await exchange.pause(50));
  }
};

const strikesAfter: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "headers-then-reset",
  "headers-then-hang",
  "headers-then-end",
  "error-frame-first",
  "reset-after-N",
  "close-after-N",
  "stall-after-N",
  "error-frame-after-N",
  "broken-json-after-N",
  "broken-sse-after-N",
  "endless-line-after-N",
]);

const sendPieces = async (exchange: Exchange, pieces: readonly Piece[], pace: number): Promise<void> => {
  for (const { bytes, text } of pieces) {
    exchange.chunk(bytes, text);
    if (!(await exchange.pause(pace)) || !(await exchange.drained())) return;
  }
  exchange.endChunks();
};

/** Sends the stream's bytes in parts of the given lengths, whatever events they belong to. */
const sendParts = async (
  exchange: Exchange,
  pieces: readonly Piece[],
  plan: { lengths: readonly number[]; pace: number },
) => {
  const bytes = Buffer.from(pieces.map((piece) => piece.bytes).join(""));
  let sent = 0;
  let told = "";
  for (const length of plan.lengths) {
    const text = textWithin(pieces, sent + length);
    exchange.chunk(bytes.subarray(sent, sent + length), text.slice(told.length));
    told = text;
    sent += length;
    if (plan.pace > 0 ? !(await exchange.pause(plan.pace)) : !(await nextTurn(exchange))) return false;
  }
  return true;
};

const nextTurn = async (exchange: Exchange): Promise<boolean> => {
  await new Promise((resolve) => setImmediate(resolve));
  return !exchange.isOver;
};

const sendUntilFault = async (
  exchange: Exchange,
  pieces: readonly Piece[],
  { kind, after, pace, format }: { kind: FaultKind; after: number; pace: number; format: WireFormat },
): Promise<void> => {
  let count = 0;
  for (const piece of pieces) {
    const comes = piece.part === "content" ? count + 1 : count;
    if (comes > after || piece.part === "end") return strike(exchange, kind, format);
    exchange.chunk(piece.bytes, piece.text);
    count = comes;
    if (!(await exchange.pause(pace))) return;
  }
  return strike(exchange, kind, format);
};

/** Sends a streamed answer, with the fault in it. The head has not been sent yet. */
export const sendStream = async (
  exchange: Exchange,
  {
    format,
    events,
    texts,
    behaviour,
  }: {
    format: WireFormat;
    events: readonly Event[];
    /** The content of each event. */
    texts: readonly string[];
    behaviour: Behaviour;
  },
): Promise<void> => {
  const { fault, paceMilliseconds: pace } = behaviour;
  const { kind, amount } = fault;
  const pieces = events
    .map((event, place) => ({ event, text: texts[place] ?? "" }))
    .filter(({ event }) => !isLeftOut(kind, event))
    .map(({ event, text }): Piece => ({ part: event.part, bytes: render(kind, format.framing, event), text }));
  const type = format.framing === "sse" ? "text/event-stream; charset=utf-8" : "application/x-ndjson";
  exchange.head(200, { "content-type": type, "transfer-encoding": "chunked" });
  const total = Buffer.byteLength(pieces.map(({ bytes }) => bytes).join(""));
  if (strikesAfter.has(kind)) return sendUntilFault(exchange, pieces, { kind, after: amount, pace, format });
  switch (kind) {
    case "cut-at-N": {
      const at = Math.min(amount, total - 1);
      if (!(await sendParts(exchange, pieces, { lengths: [at], pace: 20 }))) return;
      return exchange.reset();
    }
    case "split-at-N": {
      const at = amount % total;
      if (await sendParts(exchange, pieces, { lengths: [at, total - at], pace: 4 })) exchange.endChunks();
      return;
    }
    case "byte-by-byte":
      if (await sendParts(exchange, pieces, { lengths: Array.from({ length: total }, () => 1), pace: 0 }))
        exchange.endChunks();
      return;
    case "trickle-N":
      if (await sendParts(exchange, pieces, { lengths: Array.from({ length: total }, () => 1), pace: amount }))
        exchange.endChunks();
      return;
    case "huge-body":
      while (await exchange.drained()) exchange.chunk(`${": padding ".repeat(6_000)}\n`);
      return;
    case "late-end-N": {
      const last = pieces.findLastIndex(({ part }) => part === "content") + 1;
      for (const { bytes, text } of pieces.slice(0, last)) exchange.chunk(bytes, text);
      if (await exchange.pause(amount)) await sendPieces(exchange, pieces.slice(last), pace);
      return;
    }
    case "after-end": {
      const content = pieces.filter(({ part }) => part === "content");
      return sendPieces(exchange, [...pieces, ...content.map((piece) => ({ ...piece, text: "" }))], pace);
    }
    default:
      return sendPieces(exchange, pieces, pace);
  }
};
