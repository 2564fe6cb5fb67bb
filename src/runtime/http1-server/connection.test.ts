import { describe, expect, test } from "bun:test";
import { type BodyStep, bodyOfSteps } from "../../../test/support/body-steps.ts";
import type { HandleRequest, ServerConnection, ServerRequest } from "../../core/ports/http-server.ts";
import { type FakeServer, openFake, settle } from "./testing.ts";

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const posted = (length: number, fields = ""): string =>
  `POST / HTTP/1.1\r\nHost: a\r\n${fields}Content-Length: ${length}\r\n\r\n`;
const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const reply = (body: string | Uint8Array = "ok", status = 200) => ({ status, headers: {}, body });
const date = /date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/;

/** A handler whose answers are given by hand, in any order. */
const byHand = () => {
  const asked: { request: ServerRequest; connection: ServerConnection; give: (body: string) => void }[] = [];
  const handle: HandleRequest = (request, connection) =>
    new Promise((resolve) => asked.push({ request, connection, give: (body) => resolve(reply(body)) }));
  return { asked, handle };
};

/** A source whose steps are given by hand. */
const openSource = () => {
  const waiting: ((step: BodyStep) => void)[] = [];
  const source = {
    asked: 0,
    cancelled: 0,
    give(text: string, last = false) {
      waiting.shift()?.({ text, last });
      return settle();
    },
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

const openStream = async (request = get) => {
  const source = openSource();
  const server = openFake(() => ({ status: 200, headers: {}, body: bodyOfSteps(source) }));
  await server.say(request);
  return { source, ...server, body: () => server.socket.text.slice(server.socket.text.indexOf("\r\n\r\n") + 4) };
};

/** Lets idle time pass: one second. */
const passIdle = async ({ state }: Pick<FakeServer, "state">, ticks = 4): Promise<void> => {
  for (let count = 0; count < ticks; count++) state.sweep();
  await settle();
};

describe("a whole reply", () => {
  test("leaves in one write: status, date, fields, length, body", async () => {
    const { socket, say } = openFake(() => ({ status: 201, headers: { "x-a": "b" }, body: "hé" }));
    await say(get);
    expect(socket.text.replace(date, "DATE")).toBe(
      "HTTP/1.1 201 Created\r\nDATE\r\nx-a: b\r\ncontent-length: 3\r\n\r\nh\xc3\xa9",
    );
    expect(socket.writes).toBe(1);
  });

  for (const [name, body] of [
    ["text", "é".repeat(200_000)],
    ["bytes", new Uint8Array(400_000).fill(0xe9)],
  ] as const)
    test(`of ${name} may be of any size, and is taken in parts`, async () => {
      const { socket, connection, say } = openFake(() => reply(body));
      socket.room = 1_000;
      await say(get);
      await say(get);
      while (socket.room === 0) {
        socket.room = 70_000;
        connection.drained();
        await settle();
      }
      const [, first, second] = socket.text.split(/HTTP\/1.1 200 OK\r\n.*\r\ncontent-length: 400000\r\n\r\n/);
      const bytes = Buffer.from(body).toString("latin1");
      expect([first, second]).toEqual([bytes, bytes]);
    });

  const bodiless: readonly (readonly [name: string, request: string, status: number, field: string | null])[] = [
    ["to HEAD", get.replace("GET", "HEAD"), 200, "content-length: 2"],
    ["of status 204", get, 204, null],
    ["of status 304", get, 304, null],
  ];
  for (const [name, request, status, field] of bodiless)
    test(`${name} has no body`, async () => {
      const { socket, say } = openFake(() => reply("ok", status));
      await say(request);
      expect(socket.text.endsWith("\r\n\r\n")).toBe(true);
      expect(/content-length: \d+/.exec(socket.text)?.[0] ?? null).toBe(field);
      await say(get);
      expect(socket.text.split("HTTP/1.1 ")).toHaveLength(3);
    });

  test("says only once what the server says itself", async () => {
    const headers = { date: "x", "content-length": "9", "transfer-encoding": "chunked" };
    const { socket, say } = openFake(() => ({ status: 200, headers, body: "ok" }));
    await say(get);
    expect(socket.text.replace(date, "DATE")).toBe("HTTP/1.1 200 OK\r\nDATE\r\ncontent-length: 2\r\n\r\nok");
  });

  for (const headers of [
    { "x-a": "b\r\nx-c: d" },
    { "x-a": "b\n" },
    { "x-a": "\0" },
    { "x-a": "日" },
    { "x-a\r\n": "b" },
    { "x a": "b" },
    { "": "b" },
    { "x-a": "b".repeat(40_000) },
  ])
    test(`with the header ${JSON.stringify(headers).slice(0, 30)} is never sent`, async () => {
      const { socket, say } = openFake(() => ({ status: 200, headers, body: "secret" }));
      await say(get);
      expect(socket.text.replace(date, "DATE")).toBe(
        "HTTP/1.1 500 Internal Server Error\r\nDATE\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
      );
      expect(socket.hasShutDown).toBe(true);
    });

  for (const [name, handle] of [
    [
      "throws",
      () => {
        throw new Error("secret");
      },
    ],
    ["rejects", () => Promise.reject(new Error("secret"))],
  ] as const)
    test(`is a 500 where the handler ${name}`, async () => {
      const { socket, say } = openFake(handle);
      await say(get);
      expect(socket.text).toStartWith("HTTP/1.1 500 ");
      expect(socket.text).not.toContain("secret");
      expect(socket.hasShutDown).toBe(true);
    });
});

describe("the connection", () => {
  const closing: readonly (readonly [name: string, request: string, headers: Record<string, string>])[] = [
    ["the client says so", get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"), {}],
    ["the request is HTTP/1.0", get.replace("HTTP/1.1", "HTTP/1.0"), {}],
    ["the reply says so", get, { connection: "close" }],
  ];
  for (const [name, request, headers] of closing)
    test(`ends with the reply where ${name}, which says it once`, async () => {
      const { socket, say } = openFake(() => ({ status: 200, headers, body: "ok" }));
      await say(request);
      expect(socket.text.match(/connection: close\r\n/g)).toHaveLength(1);
      expect(socket.hasShutDown).toBe(true);
      await say(get);
      expect(socket.text.match(/HTTP\/1.1 200/g)).toHaveLength(1);
    });

  test("is kept otherwise", async () => {
    const { socket, say } = openFake(() => reply());
    for (let count = 0; count < 3; count++) await say(get);
    expect(socket.text.match(/HTTP\/1.1 200/g)).toHaveLength(3);
    expect(socket.text).not.toContain("connection");
    expect([socket.hasShutDown, socket.isTerminated]).toEqual([false, false]);
  });

  test("ends in good order: what the client still sends is taken, for a time and up to a bound", async () => {
    const { socket, say, state } = openFake(() => reply());
    await say(`${get.replace("a", "a, b")}`);
    expect(socket.text).toStartWith("HTTP/1.1 400 Bad Request\r\n");
    expect([socket.hasShutDown, socket.hasEnded, socket.isPaused]).toEqual([true, false, false]);
    await passIdle({ state }, 9);
    expect(socket.hasEnded).toBe(false);
    await passIdle({ state }, 3);
    expect([socket.hasEnded, socket.isTerminated]).toEqual([true, false]);
  });

  test("a fault is told in OpenAI's envelope", async () => {
    const { socket, say } = openFake(() => reply());
    await say(get.replace("GET", "BREW"));
    const [head, body] = socket.text.split("\r\n\r\n");
    expect(head).toContain("content-type: application/json");
    expect(head).toContain(`content-length: ${body?.length}`);
    expect(JSON.parse(body ?? "")).toEqual({
      error: {
        message: expect.stringContaining("knows the methods"),
        type: "invalid_request_error",
        param: null,
        code: "unsupported_method",
      },
    });
  });
});

describe("requests ahead of their turn", () => {
  test("wait for the one before, and are answered in their order", async () => {
    const { asked, handle } = byHand();
    const { socket, say } = openFake(handle);
    await say(get + get.replace("/", "/second"));
    expect(asked).toHaveLength(1);
    asked[0]?.give("one");
    await settle();
    expect(asked.map(({ request }) => request.url)).toEqual(["http://a/", "http://a/second"]);
    asked[1]?.give("two");
    await settle();
    expect(socket.text.match(/one|two/g)).toEqual(["one", "two"]);
  });

  test("hold the client up past a bound, and nothing is lost", async () => {
    const { asked, handle } = byHand();
    const { socket, say } = openFake(handle);
    const many = posted(1_000) + "a".repeat(1_000);
    await say(get);
    for (let count = 0; count < 70; count++) await say(many);
    expect(socket.isPaused).toBe(true);
    for (let count = 0; count <= 70; count++) {
      asked[count]?.give("ok");
      await settle();
    }
    expect(socket.isPaused).toBe(false);
    expect(socket.text.match(/HTTP\/1.1 200/g)).toHaveLength(71);
  });

  test("are answered at once by a handler that does not wait, however many they are", async () => {
    const { socket, say } = openFake(() => reply());
    await say(get.repeat(5_000));
    expect(socket.text.match(/HTTP\/1.1 200/g)).toHaveLength(5_000);
  });
});

describe("a body", () => {
  test("that came with its head is there at once", async () => {
    let body: Uint8Array | undefined;
    const { say } = openFake(async (request) => {
      body = await request.bytes();
      return reply();
    });
    await say(`${posted(2)}hi`);
    expect(Buffer.from(body ?? []).toString()).toBe("hi");
  });

  test("is read piece by piece, and holds the client up while nobody reads", async () => {
    const pieces: number[] = [];
    const gate = Promise.withResolvers<void>();
    const { socket, say } = openFake(async (request) => {
      await gate.promise;
      for await (const piece of request.body ?? []) pieces.push(piece.length);
      return reply();
    });
    await say(posted(900_000));
    for (let count = 0; count < 3; count++) await say("a".repeat(100_000));
    expect(socket.isPaused).toBe(true);
    gate.resolve();
    await settle();
    expect(socket.isPaused).toBe(false);
    for (let count = 0; count < 6; count++) await say("a".repeat(100_000));
    expect(pieces).toEqual(Array.from({ length: 9 }, () => 100_000));
    expect(socket.text).toContain("200 OK");
  });

  test("that is read whole is not held up", async () => {
    let length = 0;
    const { socket, say } = openFake(async (request) => {
      length = (await request.bytes()).length;
      return reply();
    });
    await say(posted(900_000));
    for (let count = 0; count < 9; count++) await say("a".repeat(100_000));
    expect([length, socket.isPaused]).toEqual([900_000, false]);
  });

  test("is read once, one way or the other", async () => {
    const failures: unknown[] = [];
    const { say } = openFake(async (request) => {
      await request.bytes();
      await Promise.resolve(request.bytes()).catch((error) => failures.push(error));
      try {
        request.body?.[Symbol.asyncIterator]();
      } catch (error) {
        failures.push(error);
      }
      return reply();
    });
    await say(`${posted(2)}hi`);
    expect(failures).toEqual([
      new TypeError("The body was read already."),
      new TypeError("The body was read already."),
    ]);
  });

  for (const [name, request, body] of [
    ["of known length", posted(500_000), "a".repeat(500_000)],
    ["in chunks", chunked, `${`186a0\r\n${"a".repeat(100_000)}\r\n`.repeat(5)}0\r\n\r\n`],
  ] as const)
    test(`${name} that nobody reads is thrown away, and the connection kept`, async () => {
      const { socket, say } = openFake(() => reply());
      await say(request);
      for (let at = 0; at < body.length; at += 50_000) await say(body.slice(at, at + 50_000));
      await say(get);
      expect(socket.text.match(/HTTP\/1.1 200/g)).toHaveLength(2);
      expect(socket.text).not.toContain("connection: close");
    });

  test("of known length that is too long to throw away ends the connection", async () => {
    const { socket, say } = openFake(() => reply("too much", 413));
    await say(posted(5_000_000));
    expect(socket.text).toContain("connection: close");
    expect(socket.hasShutDown).toBe(true);
    for (let count = 0; count < 50; count++) await say("a".repeat(100_000));
    await say(get);
    expect([socket.text.match(/HTTP/g)?.length, socket.isPaused, socket.isTerminated]).toEqual([1, false, false]);
  });

  test("in chunks without end that nobody reads ends the connection past a bound", async () => {
    const { socket, say } = openFake(() => reply());
    await say(chunked);
    for (let count = 0; count < 12 && !socket.hasShutDown; count++) await say(`186a0\r\n${"a".repeat(100_000)}\r\n`);
    expect([socket.hasShutDown, socket.text.match(/HTTP/g)?.length]).toEqual([true, 1]);
  });

  test("whose reader stops is thrown away; past a bound the client waits for its answer, and is sent away", async () => {
    const gate = Promise.withResolvers<void>();
    const { socket, say } = openFake(async (request) => {
      for await (const _ of request.body ?? []) break;
      await gate.promise;
      return reply("too much", 413);
    });
    await say(chunked);
    for (let count = 0; count < 13; count++) await say(`186a0\r\n${"a".repeat(100_000)}\r\n`);
    expect(socket.isPaused).toBe(true);
    gate.resolve();
    await settle();
    expect(socket.text).toStartWith("HTTP/1.1 413 ");
    expect([socket.hasShutDown, socket.isPaused]).toEqual([true, false]);
  });

  test("is asked for with 100 where the client waits, and only then", async () => {
    const gate = Promise.withResolvers<void>();
    const { socket, say } = openFake(async (request) => {
      await gate.promise;
      return reply(Buffer.from(await request.bytes()).toString());
    });
    await say(posted(2, "Expect: 100-continue\r\n"));
    expect(socket.text).toBe("");
    gate.resolve();
    await settle();
    expect(socket.text).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    await say("hi");
    expect(socket.text).toEndWith("content-length: 2\r\n\r\nhi");
    expect(socket.hasShutDown).toBe(false);
  });

  test("that is not asked for ends the connection: it may come or not", async () => {
    const { socket, say } = openFake(() => reply());
    await say(posted(2, "Expect: 100-continue\r\n"));
    expect(socket.text).toStartWith("HTTP/1.1 200 OK");
    expect(socket.text).toContain("connection: close");
    expect(socket.hasShutDown).toBe(true);
  });

  test("that is not what was said is refused, and its reader told", async () => {
    let failure: unknown;
    const { socket, say } = openFake(async (request) => {
      await Promise.resolve(request.bytes()).catch((error) => {
        failure = error;
      });
      return reply();
    });
    await say(`${chunked}2\r\nhi!\r\n`);
    expect(failure).toBeInstanceOf(Error);
    expect(socket.text).toStartWith("HTTP/1.1 400 ");
    expect(socket.text.match(/HTTP\/1.1 \d/g)).toHaveLength(1);
  });
});

describe("a body that goes wrong when its request was answered", () => {
  for (const [name, rest] of [
    ["not being what was said", "2\r\nhi!\r\n"],
    ["not coming", ""],
  ])
    test(`by ${name} brings no second answer`, async () => {
      const server = openFake(() => reply());
      await server.say(chunked);
      await server.say(rest as string);
      await passIdle(server);
      expect(server.socket.text.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
      expect(server.socket.hasShutDown).toBe(true);
    });

  test("cuts a stream that is being sent", async () => {
    const { socket, say, source } = await openStream(chunked);
    await source.give("some");
    await say("2\r\nhi!\r\n");
    expect([socket.isTerminated, source.cancelled]).toEqual([true, 1]);
    expect(socket.text).not.toContain("0\r\n\r\n");
  });
});

describe("a stream", () => {
  test("is sent piece by piece, its head with the first and its end with the last", async () => {
    const { socket, source } = await openStream();
    socket.writes = 0;
    await source.give("one");
    await source.give("zwö");
    await source.give("three", true);
    expect(socket.text.replace(date, "DATE")).toBe(
      "HTTP/1.1 200 OK\r\nDATE\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n4\r\nzw\xc3\xb6\r\n5\r\nthree\r\n0\r\n\r\n",
    );
    expect([socket.writes, source.asked, source.cancelled]).toEqual([3, 3, 0]);
  });

  test("whose first piece is there at once leaves with it in one write", async () => {
    const steps = [
      { text: "one", last: false },
      { text: "two", last: true },
    ];
    const body = bodyOfSteps({ next: async () => steps.shift() as BodyStep, cancel: () => undefined });
    const { socket, say } = openFake(() => ({ status: 200, headers: {}, body }));
    await say(get);
    expect(socket.text).toEndWith("\r\n\r\n6\r\nonetwo\r\n0\r\n\r\n");
    expect(socket.writes).toBe(1);
  });

  test("whose first piece is late sends its head alone", async () => {
    const { socket } = await openStream();
    expect(socket.text).toEndWith("transfer-encoding: chunked\r\n\r\n");
  });

  test("never ends by an empty piece", async () => {
    const { source, body } = await openStream();
    for (const [text, last] of [
      ["", false],
      ["a", false],
      ["", false],
      ["", true],
    ] as const)
      await source.give(text, last);
    expect(body()).toBe("1\r\na\r\n0\r\n\r\n");
  });

  test("may have pieces of any size", async () => {
    const { source, body } = await openStream();
    const text = "é".repeat(100_000);
    await source.give(text);
    await source.give(text, true);
    const chunk = `30d40\r\n${Buffer.from(text).toString("latin1")}\r\n`;
    expect(body()).toBe(`${chunk}${chunk}0\r\n\r\n`);
  });

  test("asks for no more while the client takes nothing", async () => {
    const { socket, source, connection, body } = await openStream();
    await source.give("a".repeat(10));
    socket.room = 4;
    await source.give("b".repeat(10));
    // It was asked before the system had refused.
    expect(source.asked).toBe(3);
    await source.give("c");
    for (const room of [3, 5, 8]) {
      socket.room = room;
      connection.drained();
      await settle();
      expect(source.asked).toBe(3);
    }
    socket.room = Number.MAX_SAFE_INTEGER;
    connection.drained();
    await settle();
    expect(source.asked).toBe(4);
    await source.give("d", true);
    expect(body()).toBe("a\r\naaaaaaaaaa\r\na\r\nbbbbbbbbbb\r\n1\r\nc\r\n1\r\nd\r\n0\r\n\r\n");
  });

  test("says the size of each chunk, whatever its characters take", async () => {
    for (const length of [1, 5, 6, 15, 16, 85, 86, 255, 256, 1_366, 4_095, 4_096, 5_500])
      for (const unit of ["a", "é", "三", "🙂"]) {
        const { source, socket } = await openStream();
        await source.give(unit.repeat(length), true);
        const bytes = Buffer.from(unit.repeat(length));
        const chunk = `${bytes.length.toString(16)}\r\n${bytes.toString("latin1")}\r\n0\r\n\r\n`;
        expect(socket.text.slice(socket.text.indexOf("\r\n\r\n") + 4)).toBe(chunk);
      }
  });

  test("gathers what comes at once into one chunk, up to a bound", async () => {
    const steps = [..."abc", "d".repeat(20_000), "e", "f"].map((text, index) => ({ text, last: index === 5 }));
    const body = bodyOfSteps({ next: async () => steps.shift() as BodyStep, cancel: () => undefined });
    const { socket, say } = openFake(() => ({ status: 200, headers: {}, body }));
    await say(get);
    expect(socket.text).toEndWith(`\r\n\r\n4e23\r\nabc${"d".repeat(20_000)}\r\n2\r\nef\r\n0\r\n\r\n`);
    expect(socket.writes).toBe(2);
  });

  test("to HTTP/1.0 comes as it is, and ends with the connection", async () => {
    const { socket, source, body } = await openStream(get.replace("HTTP/1.1", "HTTP/1.0"));
    expect(socket.text).not.toContain("transfer-encoding");
    await source.give("one");
    await source.give("two", true);
    expect(body()).toBe("onetwo");
    expect(socket.hasShutDown).toBe(true);
  });

  test("to HEAD is not begun", async () => {
    const { socket, source } = await openStream(get.replace("GET", "HEAD"));
    expect([source.asked, source.cancelled]).toEqual([0, 1]);
    expect(socket.text).toEndWith("\r\n\r\n");
  });

  test("is left once when the client goes, whatever it waits for", async () => {
    for (const wait of ["the source", "the client"]) {
      const { socket, source, connection } = await openStream();
      if (wait === "the client") {
        socket.room = 3;
        await source.give("some");
      }
      connection.ended();
      connection.ended();
      await settle();
      const { asked } = source;
      await source.give("late", true);
      expect([source.cancelled, source.asked]).toEqual([1, asked]);
      expect(socket.text).not.toContain("late");
    }
  });

  test("that fails is cut, and does not look whole", async () => {
    const open = (): void => {
      throw new Error("no");
    };
    const body = { open, resume: () => undefined, cancel: () => undefined };
    const { socket, say } = openFake(() => ({ status: 200, headers: {}, body }));
    await say(get);
    expect(socket.isTerminated).toBe(true);
    expect(socket.text).not.toContain("0\r\n\r\n");
  });

  test("is followed by the next request", async () => {
    const { socket, source, say } = await openStream();
    await say(get);
    await source.give("one", true);
    await source.give("two", true);
    expect(socket.text.match(/one|two|HTTP/g)).toEqual(["HTTP", "one", "HTTP", "two"]);
  });
});

describe("the signal", () => {
  test("is given when the client goes before the reply is complete, also to who asks late", async () => {
    const { asked, handle } = byHand();
    const { connection, say } = openFake(handle);
    await say(get);
    let told = 0;
    const { request } = asked[0] as (typeof asked)[number];
    request.signal.addEventListener("abort", () => told++, { once: true });
    connection.ended();
    expect([told, request.signal.aborted]).toEqual([1, true]);
    expect(asked[0]?.connection.remoteAddress).toBe("");

    const late = openFake(handle);
    await late.say(get);
    late.connection.ended();
    expect(asked[1]?.request.signal.aborted).toBe(true);
  });

  test("is not given when the client goes afterwards", async () => {
    const { asked, handle } = byHand();
    const { connection, say } = openFake(handle);
    await say(get);
    const signal = asked[0]?.request.signal;
    asked[0]?.give("ok");
    await settle();
    connection.ended();
    expect(signal?.aborted).toBe(false);
  });

  test("is given when the client goes within its body, which then fails", async () => {
    let failure: unknown;
    let signal: ServerRequest["signal"] | undefined;
    const { connection, say } = openFake(async (request) => {
      signal = request.signal;
      await Promise.resolve(request.bytes()).catch((error) => {
        failure = error;
      });
      return reply();
    });
    await say(`${posted(10)}hi`);
    connection.ended();
    await settle();
    expect([signal?.aborted, failure]).toEqual([true, new Error("The client closed the connection.")]);
  });

  test("of a reply that comes too late: its stream is left", async () => {
    const source = openSource();
    const gate = Promise.withResolvers<void>();
    const { connection, say } = openFake(async () => {
      await gate.promise;
      return { status: 200, headers: {}, body: bodyOfSteps(source) };
    });
    await say(get);
    connection.ended();
    gate.resolve();
    await settle();
    expect([source.asked, source.cancelled]).toEqual([0, 1]);
  });
});

describe("in time", () => {
  test("a client that says nothing is left, with or without a request before", async () => {
    for (const before of ["", get]) {
      const server = openFake(() => reply());
      await server.say(before);
      await passIdle(server, 2);
      expect(server.socket.hasShutDown).toBe(false);
      await passIdle(server, 2);
      expect(server.socket.hasShutDown).toBe(true);
      expect(server.socket.text).not.toContain("408");
    }
  });

  const slow: readonly (readonly [name: string, start: string, drip: string])[] = [
    ["head", get.slice(0, -2), "x"],
    ["body", posted(1_000), "x"],
    ["body in chunks", chunked, "1\r\nx\r\n"],
  ];
  for (const [name, start, drip] of slow)
    test(`a ${name} must come: byte by byte is too slow, and answered with an empty 408`, async () => {
      const { asked, handle } = byHand();
      const server = openFake(async (request, connection) => {
        await request.bytes();
        return handle(request, connection);
      });
      await server.say(start);
      for (let count = 0; count < 8; count++) {
        await server.say(drip);
        await passIdle(server, 1);
      }
      expect(server.socket.text.replace(date, "DATE")).toBe(
        "HTTP/1.1 408 Request Timeout\r\nDATE\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
      );
      expect([asked.length, server.socket.hasShutDown]).toEqual([0, true]);
    });

  test("a body has time as long as it comes", async () => {
    const server = openFake(async (request) => reply(String((await request.bytes()).length)));
    await server.say(posted(60_000));
    for (let count = 0; count < 20; count++) {
      await server.say("a".repeat(3_000));
      await passIdle(server, 1);
    }
    expect(server.socket.text).toEndWith("\r\n\r\n60000");
  });

  test("an answer must come, unless the connection is to be kept open", async () => {
    const { asked, handle } = byHand();
    const left = openFake(handle);
    await left.say(get);
    await passIdle(left);
    expect([left.socket.isTerminated, left.socket.text]).toEqual([true, ""]);

    const kept = openFake(handle);
    await kept.say(get);
    asked[1]?.connection.keepOpen();
    await passIdle(kept, 1_000);
    expect(kept.socket.isTerminated).toBe(false);
    asked[1]?.connection.limitIdle();
    await passIdle(kept);
    expect(kept.socket.isTerminated).toBe(true);
  });

  test("what was said of one request does not hold for the next", async () => {
    const { asked, handle } = byHand();
    const server = openFake(handle);
    await server.say(get);
    asked[0]?.connection.keepOpen();
    asked[0]?.give("ok");
    await settle();
    await server.say(get);
    for (const of of ["keepOpen", "cut"] as const) asked[0]?.connection[of]();
    await passIdle(server, 2);
    expect(server.socket.isTerminated).toBe(false);
    await passIdle(server, 2);
    expect(server.socket.isTerminated).toBe(true);
  });

  test("a client that takes nothing of its answer is left; one that takes some is not", async () => {
    const server = openFake(() => reply("a".repeat(10_000)));
    server.socket.room = 1_000;
    await server.say(get);
    for (let count = 0; count < 8; count++) {
      await passIdle(server, 2);
      server.socket.room = 1_000;
      server.connection.drained();
    }
    expect(server.socket.isTerminated).toBe(false);
    await passIdle(server);
    expect(server.socket.isTerminated).toBe(true);
  });

  test("one that is to be cut is cut soon, also where it is to be kept open", async () => {
    const { socket, source, state } = await openStream();
    const server = openFake((_, connection) => {
      connection.keepOpen();
      connection.cut();
      connection.limitIdle();
      return { status: 200, headers: {}, body: bodyOfSteps(source) };
    }, 60);
    await server.say(get);
    await passIdle(server, 4);
    expect(server.socket.isTerminated).toBe(false);
    await passIdle(server, 2);
    expect([server.socket.isTerminated, source.cancelled]).toEqual([true, 1]);
    expect([socket.isTerminated, state.tick]).toEqual([false, 0]);
  });
});

describe("a server that drains", () => {
  test("closes idle connections, waits for answers, and says that each is the last", async () => {
    const { asked, handle } = byHand();
    const server = openFake(handle);
    await server.say(get);
    let isDrained = false;
    const drained = server.state.drain().then(() => {
      isDrained = true;
    });
    await settle();
    expect([isDrained, server.socket.hasShutDown]).toEqual([false, false]);
    asked[0]?.give("ok");
    await drained;
    expect(server.socket.text).toContain("connection: close");
    expect(server.socket.hasShutDown).toBe(true);

    const idle = openFake(handle);
    await idle.say("");
    await idle.state.drain();
    expect(idle.socket.hasShutDown).toBe(true);
  });

  test("waits for a request that has begun to come, and for a stream", async () => {
    const { source, state, socket } = await openStream();
    const drained = state.drain();
    await source.give("last", true);
    await drained;
    expect(socket.hasShutDown).toBe(true);

    const half = openFake(() => reply());
    await half.say(get.slice(0, 20));
    const over = half.state.drain();
    await half.say(get.slice(20));
    await over;
    expect(half.socket.text).toContain("200 OK");
    expect(half.socket.text).toContain("connection: close");
  });

  test("closes all at the end: what was not said whole is cut, what was is not", async () => {
    const { source, state, socket } = await openStream();
    state.close();
    await settle();
    expect([socket.isTerminated, source.cancelled]).toEqual([true, 1]);
    const idle = openFake(() => reply());
    await idle.say(get);
    idle.state.close();
    expect([idle.socket.hasEnded, idle.socket.isTerminated]).toEqual([true, false]);
  });
});

test("a large body that is whole before anybody reads it holds up no later request", async () => {
  const { socket, connection } = openFake(async (request) => {
    await settle();
    return reply(String((await request.bytes()).length));
  });
  const body = "x".repeat(400_000);
  for (let requests = 1; requests <= 2; requests++) {
    connection.received(new Uint8Array(Buffer.from(`${posted(body.length)}${body}`)));
    await settle();
    await settle();
    expect(socket.isPaused).toBe(false);
    expect(socket.text.match(/\r\n\r\n400000/g)?.length).toBe(requests);
  }
});
