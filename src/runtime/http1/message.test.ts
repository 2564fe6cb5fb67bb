import { describe, expect, test } from "bun:test";
import type { WireRequest } from "../../core/ports/transport.ts";
import { MessageWriter } from "./message.ts";

const target = { origin: "http://up", host: "up:81", path: "/v1/x?y=z", proxyAuthorization: undefined };
const post: WireRequest = {
  method: "POST",
  url: "http://up:81/v1/x?y=z",
  headers: { authorization: "Bearer k" },
  body: "{}",
};
const common = "accept: */*\r\naccept-encoding: identity\r\nuser-agent: IntelliRouter\r\n";

const written = (request: WireRequest, writer = new MessageWriter(target)): string => {
  const { text, byteLength } = writer.write(request);
  const bytes = Buffer.from(text as string);
  expect(bytes.length).toBe(byteLength);
  return bytes.toString("latin1");
};

describe("a message", () => {
  test("is a head and a body", () => {
    expect(written(post)).toBe(
      `POST /v1/x?y=z HTTP/1.1\r\nhost: up:81\r\nauthorization: Bearer k\r\n${common}content-length: 2\r\n\r\n{}`,
    );
  });

  test("of a GET has no body, of a POST without one the length 0", () => {
    const { body: _, ...bare } = post;
    expect(written({ ...bare, method: "GET" })).toEndWith("IntelliRouter\r\n\r\n");
    expect(written(bare)).toEndWith("content-length: 0\r\n\r\n");
  });

  test("counts the body's bytes, whatever the text", () => {
    for (const [body, length] of [
      ["ü", 2],
      ["€😀", 7],
      ["\ud800", 3],
    ] as const)
      expect(written({ ...post, body })).toContain(`content-length: ${length}\r\n`);
  });

  test("takes the caller's own for what it would say itself", () => {
    const text = written({ ...post, headers: { Host: "other", "User-Agent": "me", ACCEPT: "text/plain" } });
    expect(text).toBe(
      "POST /v1/x?y=z HTTP/1.1\r\nHost: other\r\nUser-Agent: me\r\nACCEPT: text/plain\r\n" +
        "accept-encoding: identity\r\ncontent-length: 2\r\n\r\n{}",
    );
  });

  test("sends a header that is not ASCII as Latin-1 beside a body in UTF-8", () => {
    expect(written({ ...post, headers: { "x-name": "é" }, body: "é" })).toBe(
      `POST /v1/x?y=z HTTP/1.1\r\nhost: up:81\r\nx-name: \xe9\r\n${common}content-length: 2\r\n\r\n\xc3\xa9`,
    );
  });

  test("tells a proxy that reads it where to, and who asks", () => {
    const writer = new MessageWriter({ ...target, path: "http://up:81/v1/x", proxyAuthorization: "Basic eA==" });
    expect(written({ ...post, headers: {} }, writer)).toStartWith(
      `POST http://up:81/v1/x HTTP/1.1\r\nhost: up:81\r\n${common}proxy-authorization: Basic eA==\r\ncontent-length`,
    );
  });

  test("changes when a header does, in whatever way", () => {
    const writer = new MessageWriter(target);
    const headers: readonly Readonly<Record<string, string>>[] = [
      { a: "1", b: "2" },
      { a: "1", b: "2" },
      { a: "1", b: "3" },
      { a: "1" },
      {},
      { b: "3", a: "1" },
      { a: "1", b: "3", c: "4" },
    ];
    for (const one of headers) {
      const lines = Object.entries(one).map(([name, value]) => `${name}: ${value}\r\n`);
      expect(written({ ...post, headers: one }, writer)).toContain(`host: up:81\r\n${lines.join("")}accept`);
    }
    const get = written({ method: "GET", url: post.url, headers: {} }, writer);
    expect(get).toStartWith("GET ");
  });

  for (const [name, value, why] of [
    ["x-a", "b\r\nx-c: d", "a line break"],
    ["x-a", "b\nc", "a line break"],
    ["x-a", "b\rc", "a line break"],
    ["x-a", "b\0", "a line break"],
    ["x-a", "b\x7f", "a line break"],
    ["x-a", "snow\u2603", "a line break"],
    ["x-a\r\nx-b", "c", "a name that HTTP does not allow"],
    ["x a", "c", "a name that HTTP does not allow"],
    ["x:a", "c", "a name that HTTP does not allow"],
    ["", "c", "a name that HTTP does not allow"],
    ["n\u00e9", "c", "a name that HTTP does not allow"],
    ["Content-Length", "1", "the transport's own"],
    ["transfer-encoding", "chunked", "the transport's own"],
    ["Connection", "close", "the transport's own"],
    ["Proxy-Authorization", "Basic x", "the transport's own"],
  ] as const)
    test(`refuses the header ${JSON.stringify(name)}: ${JSON.stringify(value)}, and does not repeat its value`, () => {
      const writer = new MessageWriter(target);
      writer.write(post);
      expect(() => writer.write({ ...post, headers: { authorization: "Bearer k", [name]: value } })).toThrow(
        expect.objectContaining({
          code: "invalid_configuration",
          message: expect.stringContaining(why),
        }),
      );
      if (value.length > 1) expect(() => written({ ...post, headers: { [name]: value } })).not.toThrow(value);
    });
});
