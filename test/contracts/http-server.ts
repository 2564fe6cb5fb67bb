import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import type { HandleRequest, ServerConnection, ServerReply, ServerRequest } from "../../src/core/ports/http-server.ts";
import { type BodyStep, bodyOfSteps } from "../support/body-steps.ts";

export interface OpenedServer {
  readonly port: number;
  readonly url: string;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a server on a free port of loopback. */
export type OpenServer = (options: { readonly handle: HandleRequest; readonly idleSeconds: number }) => OpenedServer;

const patienceMilliseconds = 10_000;

const until = async (isTrue: () => boolean, what: string): Promise<void> => {
  const late = performance.now() + patienceMilliseconds;
  while (!isTrue()) {
    if (performance.now() > late) throw new Error(`it did not happen: ${what}`);
    await Bun.sleep(2);
  }
};

interface Client {
  readonly socket: Socket;
  received(): string;
  isClosed(): boolean;
  /** Resolves once this came; throws where it does not. */
  until(text: string): Promise<void>;
}

const openClient = (port: number, request: string): Client => {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  let received = "";
  let isClosed = false;
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isClosed = true;
  });
  socket.write(Buffer.from(request, "latin1"));
  return {
    socket,
    received: () => received,
    isClosed: () => isClosed,
    until: (text) => until(() => received.includes(text), `'${text}' came`),
  };
};

const post = (body: string, fields = ""): string =>
  `POST /a?b=c HTTP/1.1\r\nHost: here:8080\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
const get = "GET /a HTTP/1.1\r\nHost: here\r\n\r\n";
const text = (body: string): ServerReply => ({ status: 200, headers: { "content-type": "text/plain" }, body });
const bodyOf = (received: string): string => received.slice(received.indexOf("\r\n\r\n") + 4);

/** A body whose steps are given by hand. */
const openSource = () => {
  const waiting: ((step: BodyStep) => void)[] = [];
  const source = {
    asked: 0,
    cancelled: 0,
    give: (piece: string, last = false) => waiting.shift()?.({ text: piece, last }),
    next(): Promise<BodyStep> {
      source.asked += 1;
      return new Promise((resolve) => waiting.push(resolve));
    },
    cancel() {
      source.cancelled += 1;
    },
  };
  return source;
};

/** Requests that no server may hand on. */
const refused: readonly (readonly [name: string, request: string])[] = [
  ["a length and chunks", `${post("", "Transfer-Encoding: chunked\r\n")}0\r\n\r\n`],
  ["two lengths", post("hi", "Content-Length: 3\r\n")],
  ["a signed length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nhi"],
  ["another transfer encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
  ["a bare LF", "GET / HTTP/1.1\r\nHost: a\nX-B: c\r\n\r\n"],
  ["a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX-B: c\r\n d\r\n\r\n"],
  ["a blank before a colon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 2\r\n\r\nhi"],
  ["no Host", "GET / HTTP/1.1\r\n\r\n"],
  ["NUL in a field", "GET / HTTP/1.1\r\nHost: a\r\nX-B: \0\r\n\r\n"],
  ["a method that is none", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a head of a megabyte", `GET / HTTP/1.1\r\nHost: a\r\nX-B: ${"a".repeat(1_000_000)}\r\n\r\n`],
];

/** What every server behind the port of HandleRequest does. */
export const describeHttpServer = (name: string, open: OpenServer): void => {
  describe(name, () => {
    let server: OpenedServer;
    let handle: HandleRequest;
    const clients: Client[] = [];
    const asked: { request: ServerRequest; connection: ServerConnection }[] = [];
    beforeAll(() => {
      server = open({
        handle(request, connection) {
          asked.push({ request, connection });
          return handle(request, connection);
        },
        idleSeconds: 1,
      });
    });
    afterEach(() => {
      for (const { socket } of clients.splice(0)) socket.destroy();
      asked.splice(0);
    });
    afterAll(() => server.close());
    const say = (request: string): Client => {
      const client = openClient(server.port, request);
      clients.push(client);
      return client;
    };

    describe("a request", () => {
      test("is handed on: method, URL, fields, body, who sent it", async () => {
        const seen: unknown[] = [];
        handle = async (request, connection) => {
          const { method, url, headers } = request;
          const given = [headers.get("x-a"), headers.get("x-none"), headers.has("x-a"), headers.has("x-none")];
          const fields = Object.fromEntries(headers);
          const body = Buffer.from(await request.bytes()).toString("latin1");
          seen.push(method, url, given, fields, body, connection.remoteAddress);
          return text("ok");
        };
        await say(post("h\xe9\0", "X-A: 1\r\nx-A:  2 \r\n")).until("ok");
        const fields = { host: "here:8080", "x-a": "1, 2", "content-length": "3" };
        const given = ["1, 2", null, true, false];
        expect(seen).toEqual(["POST", "http://here:8080/a?b=c", given, fields, "h\xe9\0", "127.0.0.1"]);
      });

      test("in chunks and in pieces is the same", async () => {
        handle = async (request) => text(Buffer.from(await request.bytes()).toString());
        const client = say("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chun");
        for (const piece of ["ked\r\n\r", "\n5\r\nhel", "lo\r\n1;a=b\r\n!\r", "\n0\r\nx: y\r\n\r\n"]) {
          await Bun.sleep(5);
          client.socket.write(piece);
        }
        await client.until("hello!");
      });

      test("gives its body piece by piece, and null where there is none", async () => {
        let length = 0;
        handle = async (request) => {
          if (request.body === null) return text("none");
          for await (const piece of request.body) length += piece.length;
          return text("all");
        };
        await say(get).until("none");
        await say(post("a".repeat(3_000_000))).until("all");
        expect(length).toBe(3_000_000);
      });

      test("that nobody reads is answered all the same, and the connection goes on", async () => {
        handle = () => text("unread");
        const client = say(post("a".repeat(100_000)));
        await client.until("unread");
        client.socket.write(get);
        await until(() => client.received().split("unread").length === 3, "the second answer");
      });

      test("that waits with its body for a word gets it", async () => {
        handle = async (request) => text(Buffer.from(await request.bytes()).toString());
        const client = say("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        await client.until("100 Continue\r\n\r\n");
        client.socket.write("hi");
        await client.until("\r\n\r\nhi");
      });

      for (const [what, request] of refused)
        test(`with ${what} is refused, and the connection closed`, async () => {
          handle = () => text("handled");
          const client = say(request);
          await until(client.isClosed, "it was closed");
          expect(client.received()).toMatch(/^$|^HTTP\/1\.[01] (4\d\d|5\d5) /);
          expect(client.received()).not.toContain("handled");
          expect(asked).toEqual([]);
        });
    });

    describe("a reply", () => {
      for (const [what, body] of [
        ["text", "hé".repeat(100_000)],
        ["bytes", Uint8Array.from(Buffer.from("hé".repeat(100_000)))],
      ] as const)
        test(`of ${what} comes with status, fields and length`, async () => {
          handle = () => ({ status: 418, headers: { "x-a": 'b; c="d"' }, body });
          const client = say(get);
          await until(() => bodyOf(client.received()).length === 300_000, "all of it");
          const [head = ""] = client.received().split("\r\n\r\n");
          expect(head).toStartWith("HTTP/1.1 418 ");
          expect(head.toLowerCase()).toContain("\r\ncontent-length: 300000");
          expect(head.toLowerCase()).toContain('\r\nx-a: b; c="d"');
          expect(head.toLowerCase()).toContain("\r\ndate: ");
        });

      test("to HEAD has the length and no body", async () => {
        handle = () => text("hello");
        const client = say(get.replace("GET", "HEAD"));
        await client.until("\r\n\r\n");
        client.socket.write(get);
        await client.until("hello");
        expect(client.received().toLowerCase().split("content-length: 5")).toHaveLength(3);
        expect(client.received().split("hello")).toHaveLength(2);
      });

      test("that says that the connection closes closes it", async () => {
        handle = () => ({ status: 200, headers: { connection: "close" }, body: "bye" });
        const client = say(get);
        await until(client.isClosed, "it was closed");
        expect(client.received().toLowerCase().split("connection: close")).toHaveLength(2);
        expect(bodyOf(client.received())).toBe("bye");
      });

      test("to a client that says so closes the connection", async () => {
        handle = () => text("bye");
        const client = say(get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        await until(client.isClosed, "it was closed");
        expect(bodyOf(client.received())).toBe("bye");
      });
    });

    describe("a stream", () => {
      test("comes piece by piece in chunks, and ends", async () => {
        const source = openSource();
        handle = () => ({ status: 200, headers: {}, body: bodyOfSteps(source) });
        const client = say(get);
        await until(() => source.asked === 1, "it was asked");
        source.give("one ");
        await client.until("one ");
        await until(() => source.asked === 2, "it was asked");
        source.give("zwö", true);
        await client.until("zw\xc3\xb6\r\n0\r\n\r\n");
        expect(client.received().toLowerCase()).toContain("transfer-encoding: chunked");
        expect([source.asked, source.cancelled]).toEqual([2, 0]);
        client.socket.write(get);
        await until(() => asked.length === 2, "the connection goes on");
      });

      test("sends its head before there is a piece", async () => {
        const source = openSource();
        handle = () => ({ status: 200, headers: { "x-a": "early" }, body: bodyOfSteps(source) });
        await say(get).until("early");
      });

      test("asks for no more while the client takes nothing, and goes on when it does", async () => {
        let asked = 0;
        let isOver = false;
        const piece = "x".repeat(100_000);
        const next = async (): Promise<BodyStep> => {
          asked += 1;
          return { text: piece, last: isOver };
        };
        handle = () => ({ status: 200, headers: {}, body: bodyOfSteps({ next, cancel: () => undefined }) });
        const client = say(get);
        client.socket.pause();
        let before = -1;
        await until(() => asked > 0, "it was asked");
        while (before !== asked) {
          before = asked;
          await Bun.sleep(100);
        }
        isOver = true;
        client.socket.resume();
        await client.until("\r\n0\r\n\r\n");
        const [, ...chunks] = bodyOf(client.received()).split("186a0\r\n");
        expect(chunks.length).toBe(asked);
      });

      for (const way of ["FIN", "RST"] as const)
        test(`is left once when the client goes by ${way}, and the signal given`, async () => {
          const source = openSource();
          let aborted = 0;
          handle = ({ signal }) => {
            signal.addEventListener("abort", () => aborted++, { once: true });
            return { status: 200, headers: {}, body: bodyOfSteps(source) };
          };
          const client = say(get);
          await until(() => source.asked === 1, "it was asked");
          source.give("one");
          await client.until("one");
          if (way === "FIN") client.socket.end();
          else client.socket.resetAndDestroy();
          await until(() => aborted === 1 && source.cancelled === 1, "it was left");
          source.give("late", true);
          await Bun.sleep(10);
          expect([aborted, source.cancelled]).toEqual([1, 1]);
        });
    });

    describe("a client that goes", () => {
      test("before the answer gives the signal", async () => {
        const gate = Promise.withResolvers<void>();
        handle = async () => {
          await gate.promise;
          return text("late");
        };
        const client = say(get);
        await until(() => asked.length === 1, "it was asked");
        const signal = asked[0]?.request.signal;
        expect(signal?.aborted).toBe(false);
        client.socket.destroy();
        await until(() => signal?.aborted === true, "the signal was given");
        gate.resolve();
      });

      test("within its body makes reading it fail", async () => {
        let failure: unknown;
        handle = async (request) => {
          await Promise.resolve(request.bytes()).catch((error) => {
            failure = error;
          });
          return text("late");
        };
        const client = say(post("a".repeat(100)).slice(0, -50));
        await until(() => asked.length === 1, "it was asked");
        client.socket.destroy();
        await until(() => failure !== undefined, "reading failed");
      });
    });

    describe("in time", () => {
      test("a connection is kept open where that is asked for, and not for ever afterwards", async () => {
        const gate = Promise.withResolvers<void>();
        handle = async (_, connection) => {
          connection.keepOpen();
          await gate.promise;
          connection.limitIdle();
          return text("done");
        };
        const client = say(get);
        await Bun.sleep(2_500);
        expect(client.isClosed()).toBe(false);
        gate.resolve();
        await client.until("done");
        await until(client.isClosed, "it was closed");
      }, 30_000);

      test("a client that is to be cut is closed, also where it takes nothing", async () => {
        let isGone = false;
        const piece = "x".repeat(1_000_000);
        handle = (_, connection) => {
          connection.keepOpen();
          setTimeout(connection.cut, 100);
          const next = async (): Promise<BodyStep> => ({ text: piece, last: false });
          const cancel = (): void => {
            isGone = true;
          };
          return { status: 200, headers: {}, body: bodyOfSteps({ next, cancel }) };
        };
        const client = say(get);
        client.socket.pause();
        await until(() => isGone, "it was cut");
      }, 30_000);
    });

    test("a server that drains takes nothing new, ends what is open, and closes what is idle", async () => {
      const gate = Promise.withResolvers<void>();
      const own = open({
        async handle({ url }) {
          if (!url.endsWith("/idle")) await gate.promise;
          return text("done");
        },
        idleSeconds: 60,
      });
      const busy = openClient(own.port, get);
      const idle = openClient(own.port, get.replace("/a", "/idle"));
      clients.push(busy, idle);
      await idle.until("done");
      let isDrained = false;
      const drained = own.drain().then(() => {
        isDrained = true;
      });
      const late = openClient(own.port, get);
      clients.push(late);
      await until(late.isClosed, "nothing new is taken");
      expect(late.received()).toBe("");
      expect([isDrained, busy.received()]).toEqual([false, ""]);
      gate.resolve();
      await busy.until("done");
      await drained;
      await own.close();
      await until(() => busy.isClosed() && idle.isClosed(), "all are closed");
    });

    test("a server that is closed closes all", async () => {
      const own = open({ handle: () => new Promise(() => undefined), idleSeconds: 60 });
      const busy = openClient(own.port, get);
      clients.push(busy);
      await Bun.sleep(50);
      await own.close();
      await until(busy.isClosed, "it was closed");
    });
  });
};
