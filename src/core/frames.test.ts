import { describe, expect, test } from "bun:test";
import { GatewayError } from "./errors.ts";
import { openFrames } from "./frames.ts";
import type { Frame } from "./ports/provider.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const split = (framing: "sse" | "ndjson", pieces: readonly Uint8Array[]): Frame[] => {
  const splitter = openFrames(framing, { maxCharacters: 1_000 });
  return [...pieces.flatMap((piece) => [...splitter.push(piece)]), ...splitter.end()];
};

const streams: Record<string, { text: string; frames: Frame[] }> = {
  "plain events": {
    text: "data: a\n\ndata: b\n\n",
    frames: [
      { event: "", data: "a" },
      { event: "", data: "b" },
    ],
  },
  "named event": { text: "event: ping\ndata: {}\n\n", frames: [{ event: "ping", data: "{}" }] },
  CRLF: {
    text: "data: a\r\n\r\ndata: b\r\n\r\n",
    frames: [
      { event: "", data: "a" },
      { event: "", data: "b" },
    ],
  },
  "lone CR": {
    text: "data: a\r\rdata: b\r\r",
    frames: [
      { event: "", data: "a" },
      { event: "", data: "b" },
    ],
  },
  "mixed ends": {
    text: "data: a\r\ndata: b\n\r\n: c\rdata: d\r\n\n",
    frames: [
      { event: "", data: "a\nb" },
      { event: "", data: "d" },
    ],
  },
  "comments and unknown fields": {
    text: ": hi\nid: 1\nretry: 5\ndata: a\n\n:\n\n",
    frames: [{ event: "", data: "a" }],
  },
  "multi-line data": { text: "data: a\ndata:b\ndata\n\n", frames: [{ event: "", data: "a\nb\n" }] },
  "byte order mark": { text: "\ufeffdata: a\n\n", frames: [{ event: "", data: "a" }] },
  "multi-byte text": { text: "data: é€𝄞\n\n", frames: [{ event: "", data: "é€𝄞" }] },
  "no last empty line": {
    text: "data: a\n\ndata: b",
    frames: [
      { event: "", data: "a" },
      { event: "", data: "b" },
    ],
  },
};

describe("openFrames", () => {
  for (const [name, { text, frames }] of Object.entries(streams))
    test(`gives the same events however the bytes are cut: ${name}`, () => {
      const bytes = encode(text);
      expect(split("sse", [bytes])).toEqual(frames);
      for (let first = 0; first <= bytes.length; first++)
        for (let second = first; second <= bytes.length; second++)
          expect(split("sse", [bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second)])).toEqual(
            frames,
          );
      expect(
        split(
          "sse",
          [...bytes].map((byte) => Uint8Array.of(byte)),
        ),
      ).toEqual(frames);
    });

  test("cuts NDJSON into lines and gives a last line without its end", () => {
    expect(split("ndjson", [encode('{"a":1}\n\n{"b"'), encode(":2}\r\n"), encode('{"c":3}')])).toEqual([
      { event: "", data: '{"a":1}' },
      { event: "", data: '{"b":2}' },
      { event: "", data: '{"c":3}' },
    ]);
  });

  test("refuses a frame over the limit, in one line or many, and bytes that are not UTF-8", () => {
    expect(() => split("sse", [encode(`data: ${"x".repeat(1_001)}`)])).toThrow(GatewayError);
    expect(() => split("sse", [encode("data: xxxxxxxxx\n".repeat(200))])).toThrow(GatewayError);
    expect(() => split("ndjson", [Uint8Array.of(0xff, 0xfe)])).toThrow("not UTF-8");
    expect(() => split("sse", [Uint8Array.of(0xe2, 0x82)])).toThrow("not UTF-8");
  });
});
