import { describe, expect, test } from "bun:test";
import { type Asked, RequestReader } from "./request-reader.ts";

const post = (body: string): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const inChunks = (body: string): string =>
  `POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

const read = (pieces: readonly string[]): readonly Asked[] => {
  const reader = new RequestReader();
  return pieces.flatMap((piece) => reader.push(Buffer.from(piece)) ?? []);
};

describe("what is asked for", () => {
  const cases: readonly [string, string, Asked][] = [
    ["a whole answer", post('{"model":"m"}'), "whole"],
    ["a stream", post('{"model":"m","stream":true}'), "stream"],
    ["a stream, with a space", post('{"model":"m", "stream": true}'), "stream"],
    ["no stream", post('{"model":"m","stream":false}'), "whole"],
    ["a body in chunks", inChunks('{"stream":true}'), "stream"],
    ["the models", "GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n", "models"],
  ];
  for (const [name, text, asked] of cases) {
    test(name, () => {
      expect(read([text])).toEqual([asked]);
    });
    test(`${name}, twice on one connection, the head in two pieces`, () => {
      expect(read([text.slice(0, 20), text.slice(20), text])).toEqual([asked, asked]);
    });
  }

  test("a large body is complete with its last byte", () => {
    const text = post(`{"stream":true,"x":"${"y".repeat(300_000)}"}`);
    expect(read([text.slice(0, 65_536), text.slice(65_536, -1)])).toEqual([]);
    expect(read([text.slice(0, 65_536), text.slice(65_536, -1), text.slice(-1)])).toEqual(["stream"]);
  });
});
