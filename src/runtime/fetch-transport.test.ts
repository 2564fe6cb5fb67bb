import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import { fetchTransport } from "./fetch-transport.ts";

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** A raw server: each connection's first bytes are answered by the script. */
const serve = (script: (socket: Socket) => void): Promise<string> =>
  new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => script(socket));
    });
    servers.push(server);
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}/x`));
  });

const send = (url: string, signal = new AbortController().signal) =>
  fetchTransport.send({ method: "POST", url, headers: { "content-type": "application/json" }, body: "{}" }, signal);

const readAll = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};

const answers: readonly (readonly [string, string, string | "cut"])[] = [
  ["a length", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "hi"],
  ["chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "hi"],
  ["an end by closing", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi", "hi"],
  ["no body", "HTTP/1.1 204 No Content\r\n\r\n", ""],
  ["less than its length", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi", "cut"],
  ["chunks without their end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n", "cut"],
];

describe("fetchTransport", () => {
  for (const [name, bytes, expected] of answers)
    test(`a body with ${name}: ${expected === "cut" ? "an error" : "whole"}`, async () => {
      const response = await send(await serve((socket) => socket.end(bytes)));
      if (expected === "cut") await expect(readAll(response.body)).rejects.toThrow();
      else expect(await readAll(response.body)).toBe(expected);
    });

  test("does not follow a redirect", async () => {
    const url = await serve((socket) =>
      socket.end("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"),
    );
    expect((await send(url)).status).toBe(302);
  });

  test("a connection that is reset or refused is unreachable, and the message names the origin alone", async () => {
    const reset = await serve((socket) => socket.resetAndDestroy());
    await expect(send(reset)).rejects.toMatchObject({ code: "upstream_unreachable" });
    await expect(send("http://127.0.0.1:1/secret?key=1")).rejects.toMatchObject({
      code: "upstream_refused",
      message: expect.not.stringContaining("secret"),
    });
  });

  test("a compressed body, which was not asked for, is refused unread", async () => {
    const url = await serve((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 99\r\n\r\nx"),
    );
    await expect(send(url)).rejects.toMatchObject({ code: "upstream_invalid_response" });
  });

  test("a certificate that nobody vouches for is refused", async () => {
    const pem = readFileSync(new URL("../../test/support/fixtures/self-signed.pem", import.meta.url));
    let requests = 0;
    const server = createTlsServer({ key: pem, cert: pem }, (_request, response) => {
      requests += 1;
      response.end("hi");
    });
    servers.push(server);
    const port = await new Promise<number>((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
    );
    await expect(send(`https://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: "upstream_unreachable" });
    expect(requests).toBe(0);
  });

  for (const [when, bytes] of [
    ["before the headers", ""],
    ["within the body", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n"],
  ] as const)
    test(`an abort ${when} closes the connection and gives its reason`, async () => {
      let closed: () => void = () => undefined;
      const gone = new Promise<void>((resolve) => {
        closed = resolve;
      });
      const url = await serve((socket) => {
        socket.on("close", closed);
        if (bytes !== "") socket.write(bytes);
      });
      const controller = new AbortController();
      const reason = new Error("enough");
      setTimeout(() => controller.abort(reason), 30);
      const work = send(url, controller.signal).then((response) => readAll(response.body));
      await expect(work).rejects.toThrow();
      await gone;
    });
});
