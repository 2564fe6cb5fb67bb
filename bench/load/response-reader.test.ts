import { describe, expect, test } from "bun:test";
import { ResponseReader } from "./response-reader.ts";

const whole = (body: string, status = 200): string =>
  `HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\nX-Request-Id: 1\r\n\r\n${body}`;
const chunked = (...chunks: readonly string[]): string =>
  `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${[...chunks, ""].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("")}`;

const read = (pieces: readonly string[]) => {
  let body = "";
  const ends: number[] = [];
  const reader = new ResponseReader({
    onBody: (bytes) => {
      body += bytes.toString();
    },
    onEnd: (status) => ends.push(status),
  });
  for (const piece of pieces) reader.push(Buffer.from(piece));
  return { body, ends };
};

describe("responses", () => {
  const cases: readonly [string, string, string, number][] = [
    ["of a known length", whole('{"a":1}'), '{"a":1}', 200],
    ["with nothing in them", whole(""), "", 200],
    ["refused", whole("{}", 503), "{}", 503],
    ["in chunks", chunked("data: a\n\n", "data: 0\r\n\n", "0\r\n\r\n"), "data: a\n\ndata: 0\r\n\n0\r\n\r\n", 200],
    ["in a chunk of more than 15 bytes", chunked("x".repeat(300)), "x".repeat(300), 200],
  ];
  for (const [name, text, body, status] of cases) {
    test(`${name}: in one piece`, () => {
      expect(read([text])).toEqual({ body, ends: [status] });
    });
    test(`${name}: in any two pieces`, () => {
      for (let at = 1; at < text.length; at++)
        expect(read([text.slice(0, at), text.slice(at)])).toEqual({ body, ends: [status] });
    });
    test(`${name}: byte by byte`, () => {
      expect(read([...text])).toEqual({ body, ends: [status] });
    });
  }

  test("one like the one before it is known by its length", () => {
    expect(read([whole("{1}"), whole("{2}"), whole("{3}")]).ends).toEqual([200, 200, 200]);
  });

  test("one of the same length that was refused is not taken for it", () => {
    expect(read([whole("{1}"), whole("{2}", 503)]).ends).toEqual([200, 503]);
  });

  test("one that follows a stream is read anew", () => {
    expect(read([chunked("a"), whole("{}"), chunked("b")])).toEqual({ body: "a{}b", ends: [200, 200, 200] });
  });
});
