import { describe, expect, test } from "bun:test";
import { cutAt, type Reading, readResponse } from "./testing.ts";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");

const whole = (text: string, ending: "open" | "closed" = "open"): Promise<Reading> =>
  readResponse([bytesOf(text)], ending);

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
const kept = { isKept: true };
const gone = { isKept: false };

/** Response, what is read from it, how the connection ends. */
const accepted: readonly (readonly [name: string, text: string, reading: object, ending?: "closed"])[] = [
  ["a length", `${ok}content-length: 2\r\n\r\nhi`, { status: 200, body: "hi", ...kept }],
  ["no length and no body", `${ok}Content-Length: 0\r\n\r\n`, { body: "", ...kept }],
  ["chunks", `${chunked}2\r\nhi\r\n3;a=b\r\n yo\r\n0\r\n\r\n`, { body: "hi yo", ...kept }],
  ["a chunk with sizes in capitals and zeros", `${chunked}00A\r\n0123456789\r\n000\r\n\r\n`, { body: "0123456789" }],
  ["a quoted extension", `${chunked}2;a="b;\\"c";d\r\nhi\r\n0;e\r\n\r\n`, { body: "hi", ...kept }],
  ["trailers", `${chunked}2\r\nhi\r\n0\r\nx-a: b\r\nx-c:\r\n\r\n`, { body: "hi", ...kept }],
  ["CHUNKED and blanks", `${ok}Transfer-Encoding:\t CHUNKED \r\n\r\n1\r\na\r\n0\r\n\r\n`, { body: "a", ...kept }],
  ["no reason", "HTTP/1.1 200\r\ncontent-length: 1\r\n\r\na", { status: 200, body: "a" }],
  ["an empty reason", "HTTP/1.1 200 \r\ncontent-length: 1\r\n\r\na", { status: 200, body: "a" }],
  ["a reason that is not ASCII", "HTTP/1.1 500 na\xefve\r\ncontent-length: 0\r\n\r\n", { status: 500 }],
  ["no fields at all", "HTTP/1.1 204\r\n\r\n", { status: 204, body: "", ...kept }],
  ["not modified, with a length", "HTTP/1.1 304 x\r\ncontent-length: 9\r\n\r\n", { status: 304, body: "", ...kept }],
  ["interim responses", `HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 x\r\na: b\r\n\r\n${ok}content-length: 0\r\n\r\n`, kept],
  ["connection: close", `${ok}connection: foo, Close\r\ncontent-length: 1\r\n\r\na`, { body: "a", ...gone }],
  ["bytes behind it", `${ok}content-length: 1\r\n\r\nabc`, { body: "a", ...gone }],
  ["bytes behind its chunks", `${chunked}1\r\na\r\n0\r\n\r\nx`, { body: "a", ...gone }],
  ["an end by closing", `${ok}\r\nhi`, { body: "hi", ...gone }, "closed"],
  ["an end by closing before a body", `${ok}\r\n`, { body: "", ...gone }, "closed"],
  ["HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na", { body: "a", ...gone }],
  ["HTTP/1.0 kept", "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\na", { body: "a", ...kept }],
  ["HTTP/1.0 without a length", "HTTP/1.0 200 OK\r\n\r\nhi", { body: "hi", ...gone }, "closed"],
  ["uncompressed", `${ok}content-encoding: identity\r\ncontent-length: 1\r\n\r\na`, { body: "a" }],
];

const refused: readonly (readonly [name: string, text: string, message: string])[] = [
  ["another protocol", "SSH-2.0-x\r\n", "it does not begin with HTTP/1.x"],
  ["HTTP/2", "HTTP/2 200 OK\r\n\r\n", "it does not begin with HTTP/1.x"],
  ["HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", "HTTP/1.0 or HTTP/1.1"],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "its status is not"],
  ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", "its status is not"],
  ["a status beyond 599", "HTTP/1.1 600 OK\r\n\r\n", "its status is not"],
  ["two blanks before the status", "HTTP/1.1  200 OK\r\n\r\n", "its status is not"],
  ["LF alone in the status line", "HTTP/1.1 200 OK\ncontent-length: 0\r\n\r\n", "control character"],
  ["LF alone behind a field", `${ok}content-length: 0\n\r\n`, "control character"],
  ["LF alone at the end", `${ok}content-length: 0\r\n\n`, "no valid name"],
  ["CR alone", `${ok}a: b\rc: d\r\n\r\n`, "does not end with CR LF"],
  ["NUL in a value", `${ok}a: b\0\r\n\r\n`, "control character"],
  ["DEL in a value", `${ok}a: b\x7f\r\n\r\n`, "control character"],
  ["a folded line", `${ok}a: b\r\n c\r\ncontent-length: 0\r\n\r\n`, "no valid name"],
  ["a blank before the colon", `${ok}content-length : 0\r\n\r\n`, "no valid name"],
  ["a field without a name", `${ok}: 0\r\n\r\n`, "no valid name"],
  ["a field without a colon", `${ok}content-length\r\n\r\n`, "no valid name"],
  ["length and chunks", `${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n`, "both"],
  ["chunks and length", `${ok}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n`, "both"],
  ["two lengths", `${ok}content-length: 2\r\ncontent-length: 3\r\n\r\nhi`, "more than one Content-Length"],
  ["the same length twice", `${ok}content-length: 2\r\ncontent-length: 2\r\n\r\nhi`, "more than one Content-Length"],
  ["lengths in a list", `${ok}content-length: 2, 2\r\n\r\nhi`, "not a number"],
  ["an empty length", `${ok}content-length:\r\n\r\n`, "not a number"],
  ["a signed length", `${ok}content-length: +2\r\n\r\nhi`, "not a number"],
  ["a hexadecimal length", `${ok}content-length: 0x2\r\n\r\nhi`, "not a number"],
  ["a length beyond all bounds", `${ok}content-length: 99999999999999999999\r\n\r\nhi`, "not a number"],
  ["another transfer encoding", `${ok}transfer-encoding: gzip, chunked\r\n\r\n`, "not 'chunked'"],
  ["chunks of chunks", `${ok}transfer-encoding: chunked, chunked\r\n\r\n`, "not 'chunked'"],
  ["chunks said twice", `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`, "not 'chunked'"],
  ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "Transfer-Encoding in HTTP/1.0"],
  ["another protocol, switched to", "HTTP/1.1 101 x\r\nupgrade: x\r\n\r\n", "switches protocols"],
  ["an interim response that ends the connection", "HTTP/1.1 100 x\r\nconnection: close\r\n\r\n", "nothing follows"],
  ["an interim response of HTTP/1.0", `HTTP/1.0 100 x\r\n\r\n${ok}content-length: 0\r\n\r\n`, "nothing follows"],
  ["a tab behind the length", `${ok}content-length: 2\t\r\n\r\nhi`, "not a number"],
  ["a tab behind the transfer encoding", `${ok}transfer-encoding: chunked\t\r\n\r\n`, "not 'chunked'"],
  ["interim responses without end", "HTTP/1.1 100 x\r\n\r\n".repeat(33), "more than 32 interim"],
  ["a chunk without a size", `${chunked}\r\n`, "no size"],
  ["a chunk's size with a sign", `${chunked}+2\r\nhi`, "no size"],
  ["a chunk's size with 0x", `${chunked}0x2\r\nhi`, "not hexadecimal"],
  ["a blank behind a chunk's size", `${chunked}2 \r\nhi`, "not hexadecimal"],
  ["a chunk's size beyond all bounds", `${chunked}ffffffffffffffff\r\n`, "too many digits"],
  ["LF alone behind a chunk's size", `${chunked}2\nhi\r\n`, "not hexadecimal"],
  ["CR alone behind a chunk's size", `${chunked}2\rhi`, "does not end with CR LF"],
  ["a chunk longer than its size", `${chunked}2\r\nhix\r\n`, "does not end where its size says"],
  ["LF alone behind a chunk", `${chunked}2\r\nhi\n`, "does not end where its size says"],
  ["an extension that is none", `${chunked}2;=\r\nhi`, "extension is not valid"],
  ["a line feed in an extension", `${chunked}2;a\nb\r\nhi`, "extension is not valid"],
  ["a trailer without a colon", `${chunked}0\r\nabc\r\n\r\n`, "a trailer is not valid"],
  ["a length among the trailers", `${chunked}0\r\nContent-Length: 2\r\n\r\n`, "a trailer is not valid"],
  ["a folded trailer", `${chunked}0\r\na: b\r\n c\r\n\r\n`, "a trailer is not valid"],
  ["trailers without end", `${chunked}0\r\n${"a: b\r\n".repeat(5_000)}`, "longer than 16384 bytes"],
  ["extensions without end", `${chunked}${`1;${"a".repeat(2_000)}\r\na\r\n`.repeat(9)}`, "longer than 16384 bytes"],
  ["a head without end", `${ok}a: ${"b".repeat(70_000)}`, "longer than 65536 bytes"],
  ["a head that is too long", `${ok}a: ${"b".repeat(70_000)}\r\n\r\n`, "longer than 65536 bytes"],
  ["fields without end", `${ok}${"a: b\r\n".repeat(300)}`, "more than 256 fields"],
];

const cut: readonly (readonly [name: string, text: string, error: object])[] = [
  ["nothing at all", "", { code: "upstream_unreachable" }],
  ["a part of the head", "HTTP/1.1 200 OK\r\na: b\r\n", { code: "upstream_unreachable" }],
  ["an interim response alone", "HTTP/1.1 100 x\r\n\r\n", { code: "upstream_unreachable" }],
  ["less than the length", `${ok}content-length: 3\r\n\r\nhi`, { message: expect.stringContaining("ended before") }],
  ["chunks without the last", `${chunked}2\r\nhi\r\n`, { message: expect.stringContaining("ended before") }],
  ["chunks without their last line", `${chunked}0\r\n`, { message: expect.stringContaining("ended before") }],
];

describe("a connection", () => {
  for (const [name, text, reading, ending] of accepted)
    test(`reads a response with ${name}`, async () => {
      expect(await whole(text, ending)).toMatchObject(reading);
    });

  for (const [name, text, message] of refused)
    test(`refuses a response with ${name}, and closes`, async () => {
      expect(await whole(text)).toMatchObject({
        error: { code: "upstream_invalid_response", message: expect.stringContaining(message) },
        isKept: false,
      });
    });

  for (const [name, text, error] of cut)
    test(`a response that ends after ${name} is not whole`, async () => {
      expect(await whole(text, "closed")).toMatchObject({ error, isKept: false });
    });

  test("refuses what is compressed", async () => {
    const reading = await whole(`${ok}content-encoding: gzip\r\ncontent-length: 1\r\n\r\na`);
    expect(reading).toMatchObject({ error: { code: "upstream_invalid_response" }, isKept: false });
  });

  test("reads the same whatever the pieces in which it comes", async () => {
    const shown = ({ status, body, isKept, error }: Reading): unknown => ({
      status,
      body,
      isKept,
      error: error instanceof Error ? error.message : error,
    });
    for (const [name, text, ending] of [
      ...accepted.map(([name, text, , ending]) => [name, text, ending ?? "open"] as const),
      ...refused.filter(([, { length }]) => length < 1_000).map(([name, text]) => [name, text, "closed"] as const),
      ...cut.map(([name, text]) => [name, text, "closed"] as const),
    ]) {
      const bytes = bytesOf(text);
      const expected = { name, reading: shown(await readResponse([bytes], ending)) };
      const single = cutAt(bytes, [...bytes.keys()].slice(1));
      expect({ name, reading: shown(await readResponse(single, ending)) }).toEqual(expected);
      for (let first = 1; first < bytes.length; first++) {
        const two = await readResponse(cutAt(bytes, [first]), ending);
        expect({ name, reading: shown(two) }).toEqual(expected);
        const three = await readResponse(cutAt(bytes, [first, Math.min(first + 3, bytes.length)]), ending);
        expect({ name, reading: shown(three) }).toEqual(expected);
      }
    }
  });
});
