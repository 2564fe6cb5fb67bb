import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { ask, hello } from "./ask.ts";
import { sendRaw } from "./raw-request.ts";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({ configuration: { discovery: { mock: true } } });
});
afterAll(async () => {
  await gateway.stop();
  await gateway.dispose();
});
afterEach(async () => {
  expect((await ask(gateway, "/healthz")).status).toBe(200);
});

const body = JSON.stringify(hello("mock/mock-echo"));
const length = `Content-Length: ${body.length}`;
const lines = (...parts: readonly string[]): string => `${parts.join("\r\n")}\r\n\r\n`;
const post = (...headers: readonly string[]): string =>
  lines("POST /v1/chat/completions HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", ...headers);
const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

const callsServed = async (): Promise<number> => (await ask(gateway, "/admin/v1/calls")).body.data.length;

const refused: readonly (readonly [string, string])[] = [
  ["a bare LF between headers", `${post(length).replaceAll("\r\n", "\n")}${body}`],
  ["a bare LF within a header", post(length, "X-A: b\nX-Evil: c") + body],
  ["CL and TE", post(length, "Transfer-Encoding: chunked") + chunked],
  ["TE and CL", post("Transfer-Encoding: chunked", "Content-Length: 4") + chunked],
  ["CL twice", post("Content-Length: 4", length) + body],
  ["two lengths in one CL", post(`Content-Length: 4, ${body.length}`) + body],
  ["a negative CL", post("Content-Length: -1") + body],
  ["a CL in words", post("Content-Length: some") + body],
  ["a CL with a sign", post(`Content-Length: +${body.length}`) + body],
  ["an unknown TE", post("Transfer-Encoding: xchunked") + chunked],
  ["a chunk that is no number", `${post("Transfer-Encoding: chunked")}zz\r\n${body}\r\n0\r\n\r\n`],
  ["a chunk beyond all numbers", `${post("Transfer-Encoding: chunked")}ffffffffffffffffff\r\n${body}\r\n0\r\n\r\n`],
  ["blanks before a header's colon", post("Content-Length : 5", length) + body],
  ["a header that goes on in the next line", post(length, "X-A: b\r\n c: d") + body],
  ["NUL in a header", post(length, "X-A: b\0c") + body],
  ["no Host", `${lines("POST /v1/chat/completions HTTP/1.1", "Content-Type: application/json", length)}${body}`],
  ["a method that is none", `${lines("P@ST /v1/chat/completions HTTP/1.1", "Host: 127.0.0.1", length)}${body}`],
  ["another protocol", lines("SSH-2.0-OpenSSH_9.6")],
  ["HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a header of a megabyte", post(length, `X-Huge: ${"a".repeat(1_000_000)}`) + body],
  ["10,000 headers", post(length, ...Array.from({ length: 10_000 }, (_, index) => `X-${index}: a`)) + body],
  ["a path of a megabyte", lines(`GET /${"a".repeat(1_000_000)} HTTP/1.1`, "Host: 127.0.0.1")],
];

test.each(refused.map((one) => [...one] as const))("%s is refused, closed and never dispatched", async (_, bytes) => {
  const before = await callsServed();
  const reply = await sendRaw(gateway.url, bytes);
  if (reply.status !== undefined) {
    expect(reply.status, reply.text.slice(0, 200)).toBeGreaterThanOrEqual(400);
    expect([...Array(100).keys()].map((one) => one + 400).concat(505)).toContain(reply.status);
  }
  expect(reply.text).not.toContain("hello");
  expect(reply.closed).toBe(true);
  expect(await callsServed()).toBe(before);
});

test("a request smuggled behind another one's body is never served as the first one's", async () => {
  const smuggled = lines("GET /admin/v1/keys HTTP/1.1", "Host: 127.0.0.1");
  const reply = await sendRaw(gateway.url, post("Content-Length: 0", "Transfer-Encoding: chunked") + smuggled);
  expect(reply.text.match(/HTTP\/1\.1 200/g)).toBeNull();
  expect(reply.closed).toBe(true);
});

test("a path with the slash doubled is another path", async () => {
  const reply = await sendRaw(gateway.url, lines("GET //v1/models HTTP/1.1", "Host: 127.0.0.1", "Connection: close"));
  expect(reply.status).toBe(404);
  expect(reply.text).toContain("not_found");
});

test("chunks in any size are read as the body that they are", async () => {
  const pieces = [...body].map((piece) => `1\r\n${piece}\r\n`).join("");
  const reply = await sendRaw(
    gateway.url,
    `${post("Transfer-Encoding: chunked", "Connection: close")}${pieces}0\r\n\r\n`,
  );
  expect(reply.status).toBe(200);
  expect(reply.text).toContain('"content":"hello"');
});

test("a body that is shorter than it says is never dispatched", async () => {
  const before = await callsServed();
  const reply = await sendRaw(gateway.url, post(`Content-Length: ${body.length + 10}`) + body);
  expect(reply.status).toBeUndefined();
  expect(await callsServed()).toBe(before);
});
