import { describe, expect, test } from "bun:test";
import { prepareReplies } from "../upstream/reply.ts";
import { EventScanner } from "./event-scanner.ts";

const replies = prepareReplies({
  replyCharacters: 10,
  events: 3,
  eventCharacters: 60,
  eventsPerSecond: 0,
  staggerFirst: 0,
});
const moment = 1_764_000_000_123_456;

/** An event as it is once the transfer's framing is gone. */
const event = (eventsLeft: number): string => {
  const chunk = replies.streamEvent(moment, eventsLeft).toString();
  return chunk.slice(chunk.indexOf("\r\n") + 2, -2);
};

const scan = (pieces: readonly string[]) => {
  const texts: (readonly [number, number])[] = [];
  let merged = 0;
  const scanner = new EventScanner({
    onText: (at, eventsLeft) => texts.push([at, eventsLeft]),
    onMerged: () => {
      merged += 1;
    },
  });
  for (const piece of pieces) scanner.push(Buffer.from(piece));
  return { texts, merged };
};

const three = event(2) + event(1) + event(0);
const all = [2, 1, 0].map((left) => [moment, left] as const);

describe("texts in a stream", () => {
  test("come back with their moment and number", () => {
    expect(scan([three])).toEqual({ texts: all, merged: 0 });
  });

  test("whatever the pieces", () => {
    for (let at = 1; at < three.length; at++)
      expect(scan([three.slice(0, at), three.slice(at)])).toEqual({ texts: all, merged: 0 });
  });

  test("events without text are passed over", () => {
    expect(scan([`: silence\n\n${event(0)}data: [DONE]\n\n`]).texts).toEqual([[moment, 0]]);
  });

  test("two texts in one event are noticed", () => {
    expect(scan([(event(1) + event(0)).replace("\n\n", " ")]).merged).toBe(1);
  });
});
