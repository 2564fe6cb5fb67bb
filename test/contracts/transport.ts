import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import type { CancelSignal } from "../../src/core/cancel.ts";
import type { Transport, WireRequest } from "../../src/core/ports/transport.ts";
import { freePort } from "../support/free-port.ts";

export interface OpenedTransport {
  readonly transport: Transport;
  close(): void;
}

const portOf = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });

const readAll = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};

const answers: readonly (readonly [string, string, string | "cut"])[] = [
  ["a length", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "hi"],
  ["chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "hi"],
  ["an end by closing", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi", "hi"],
  ["an end by closing, of HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhi", "hi"],
  ["no body", "HTTP/1.1 204 No Content\r\n\r\n", ""],
  ["a response ahead of it", "HTTP/1.1 103 Early\r\na: b\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "hi"],
  ["less than its length", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi", "cut"],
  ["chunks without their end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n", "cut"],
];

/** What every implementation of Transport does. */
export const describeTransport = (name: string, open: () => OpenedTransport): void => {
  describe(name, () => {
    const servers: Server[] = [];
    let opened: OpenedTransport;
    beforeAll(() => {
      opened = open();
    });
    afterAll(() => {
      opened.close();
      for (const server of servers) server.close();
    });

    /** A raw server: each connection's first bytes are answered by the script. */
    const serve = async (script: (socket: Socket, request: string) => void): Promise<string> => {
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", (bytes) => script(socket, bytes.toString("latin1")));
      });
      servers.push(server);
      return `http://127.0.0.1:${await portOf(server)}/x`;
    };
    const send = (
      url: string,
      signal: CancelSignal = new AbortController().signal,
      changes: Partial<WireRequest> = {},
    ) =>
      opened.transport.send(
        { method: "POST", url, headers: { "content-type": "application/json" }, body: "{}", ...changes },
        signal,
      );

    for (const [what, bytes, expected] of answers)
      test(`a body with ${what}: ${expected === "cut" ? "an error" : "whole"}`, async () => {
        const response = await send(await serve((socket) => socket.end(bytes)));
        if (expected === "cut") await expect(readAll(response.body)).rejects.toThrow();
        else expect(await readAll(response.body)).toBe(expected);
      });

    test("sends path, headers and body, and asks for no compression", async () => {
      let seen = "";
      const url = await serve((socket, request) => {
        seen = request;
        socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      });
      const body = '{"text":"ü"}';
      await send(`${url}?a=b`, undefined, { headers: { authorization: "Bearer k" }, body });
      expect(seen).toStartWith("POST /x?a=b HTTP/1.1\r\n");
      const lines = seen.toLowerCase().split("\r\n");
      for (const line of [`host: ${new URL(url).host}`, "authorization: bearer k", "accept-encoding: identity"])
        expect(lines).toContain(line);
      expect(lines).toContain(`content-length: ${Buffer.byteLength(body)}`);
      expect(seen).toEndWith(`\r\n\r\n${Buffer.from(body).toString("latin1")}`);
    });

    test("a GET has no body", async () => {
      let seen = "";
      const url = await serve((socket, request) => {
        seen = request;
        socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      });
      await opened.transport.send({ method: "GET", url, headers: {} }, new AbortController().signal);
      expect(seen).toStartWith("GET /x HTTP/1.1\r\n");
      expect(seen).toEndWith("\r\n\r\n");
      expect(seen.toLowerCase()).not.toContain("transfer-encoding");
    });

    test("gives headers by lower-case names, several of one name together", async () => {
      const url = await serve((socket) =>
        socket.end("HTTP/1.1 200 OK\r\nRetry-After:  7 \r\nX-A: 1\r\nx-a: 2\r\nEmpty:\r\ncontent-length: 0\r\n\r\n"),
      );
      const { headers } = await send(url);
      expect(["retry-after", "x-a", "empty", "x-b"].map((header) => headers.get(header))).toEqual([
        "7",
        "1, 2",
        "",
        null,
      ]);
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
      const origin = `http://127.0.0.1:${await freePort()}`;
      await expect(send(`${origin}/secret?key=1`)).rejects.toMatchObject({
        code: "upstream_refused",
        message: `No answer from ${origin} (ECONNREFUSED).`,
      });
    });

    test("a connection that closes without an answer is unreachable", async () => {
      const url = await serve((socket) => socket.end());
      await expect(send(url)).rejects.toMatchObject({ code: "upstream_unreachable" });
    });

    test("a compressed body, which was not asked for, is refused unread", async () => {
      const url = await serve((socket) =>
        socket.write("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 99\r\n\r\nx"),
      );
      await expect(send(url)).rejects.toMatchObject({ code: "upstream_invalid_response" });
    });

    test("a certificate that nobody vouches for is refused", async () => {
      const pem = readFileSync(new URL("../support/fixtures/self-signed.pem", import.meta.url));
      let requests = 0;
      const server = createTlsServer({ key: pem, cert: pem }, (_request, response) => {
        requests += 1;
        response.end("hi");
      });
      servers.push(server);
      await expect(send(`https://127.0.0.1:${await portOf(server)}/`)).rejects.toMatchObject({
        code: "upstream_unreachable",
      });
      expect(requests).toBe(0);
    });

    test("a body that is read no further closes the connection, though the upstream is silent", async () => {
      let closed: () => void = () => undefined;
      const gone = new Promise<void>((resolve) => {
        closed = resolve;
      });
      const url = await serve((socket) => {
        socket.on("close", closed);
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n");
      });
      for await (const piece of (await send(url)).body) {
        expect(Buffer.from(piece).toString()).toBe("hi");
        break;
      }
      await gone;
    });

    test("an abort before it is sent gives its reason and sends nothing", async () => {
      let connections = 0;
      const url = await serve(() => {
        connections += 1;
      });
      const reason = new Error("too late");
      const controller = new AbortController();
      controller.abort(reason);
      await expect(send(url, controller.signal)).rejects.toBe(reason);
      expect(connections).toBe(0);
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
        await expect(work).rejects.toThrow(reason);
        await gone;
      });
  });
};
