import { afterEach, describe, expect, test } from "bun:test";
import { describeTransport } from "../../test/contracts/transport.ts";
import { describeTransportTls } from "../../test/contracts/transport-tls.ts";
import { type RawServer, type Received, startRawServer } from "../../test/upstream/raw-server.ts";
import { CancelController } from "../core/cancel.ts";
import type { SendLimits, WireRequest } from "../core/ports/transport.ts";
import { createSocketTransport, type SocketTransport, type SocketTransportOptions } from "./socket-transport.ts";

describeTransport("socketTransport", () => {
  const transport = createSocketTransport();
  return { transport, close: () => transport.close() };
});
describeTransportTls("socket");

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

const serve = async (script: (received: Received) => void): Promise<RawServer> => {
  const server = await startRawServer(script);
  opened.push(server);
  return server;
};

const open = (options: SocketTransportOptions = {}): SocketTransport => {
  const transport = createSocketTransport({ environment: {}, ...options });
  opened.push(transport);
  return transport;
};

const answer = (body: string, headers = ""): string =>
  `HTTP/1.1 200 OK\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`;

interface Asked extends Partial<WireRequest>, SendLimits {
  readonly signal?: CancelController;
}

const send = (
  transport: SocketTransport,
  url: string,
  { signal, connectMilliseconds, attempt, ...request }: Asked = {},
) =>
  transport.send({ method: "POST", url, headers: {}, ...request }, (signal ?? new CancelController()).signal, {
    ...(connectMilliseconds === undefined ? {} : { connectMilliseconds }),
    ...(attempt === undefined ? {} : { attempt }),
  });

const ask = async (transport: SocketTransport, url: string, asked: Asked = {}): Promise<string> => {
  const response = await send(transport, url, asked);
  return Buffer.from((await response.whole?.(1e9)) ?? []).toString("latin1");
};

const until = async (isTrue: () => boolean, mostTries = 1_000): Promise<void> => {
  for (let tries = 0; !isTrue(); tries++) {
    if (tries === mostTries) throw new Error("it did not happen");
    await Bun.sleep(2);
  }
};

describe("connections", () => {
  test("are kept, and the one used last is used next", async () => {
    const server = await serve(({ socket, index }) => socket.write(answer(`${socket.remotePort} ${index}`)));
    const transport = open();
    const both = await Promise.all([ask(transport, server.url), ask(transport, server.url)]);
    const [port] = (await ask(transport, server.url)).split(" ");
    expect(await ask(transport, server.url)).toBe(`${port} 2`);
    expect(both.map((text) => text.split(" ")[1])).toEqual(["0", "0"]);
    expect(transport.stats()).toMatchObject({ origins: 1, open: 2, idle: 2, opened: 2 });
  });

  test("that the upstream closes while they lie idle are not used", async () => {
    const server = await serve(({ socket }) => {
      socket.write(answer("hi"));
      setTimeout(() => socket.end(), 5);
    });
    const transport = open();
    for (let count = 0; count < 3; count++) {
      expect(await ask(transport, server.url)).toBe("hi");
      await until(() => transport.stats().open === 0);
    }
    expect(server.connections()).toBe(3);
  });

  const expiring: readonly (readonly [name: string, headers: string, options: SocketTransportOptions])[] = [
    ["our own time", "", { idleMilliseconds: 1 }],
    ["the upstream's time", "keep-alive: max=9, Timeout=0\r\n", {}],
  ];
  for (const [name, headers, options] of expiring)
    test(`that have been idle for ${name} are closed in good order`, async () => {
      let ended = 0;
      const server = await serve(({ socket }) => {
        socket.write(answer("hi", headers));
        socket.on("end", () => {
          ended += 1;
        });
      });
      const transport = open(options);
      await ask(transport, server.url);
      await Bun.sleep(5);
      await ask(transport, server.url);
      expect(server.connections()).toBe(2);
      await until(() => ended > 0);
    });

  test("are no more than allowed: calls wait in the order of their coming", async () => {
    const server = await serve(({ socket, text }) => setTimeout(() => socket.write(answer(text.slice(-1))), 2));
    const transport = open({ maxConnections: 2 });
    const done: string[] = [];
    const calls = ["1", "2", "3", "4", "5"].map(async (body) => done.push(await ask(transport, server.url, { body })));
    expect(transport.stats()).toMatchObject({ dialing: 2, waiting: 5 });
    await Promise.all(calls);
    expect(done).toEqual(["1", "2", "3", "4", "5"]);
    expect(server.connections()).toBe(2);
  });

  test("beyond the number that may lie idle are closed", async () => {
    const server = await serve(({ socket }) => socket.write(answer("hi")));
    const transport = open({ maxIdle: 1 });
    await Promise.all([1, 2, 3].map(() => ask(transport, server.url)));
    await until(() => server.open() === 1);
    expect(transport.stats()).toMatchObject({ open: 1, idle: 1 });
  });

  test("on which something comes that nobody asked for are closed", async () => {
    const server = await serve(({ socket }) => {
      socket.write(answer("hi"));
      setTimeout(() => socket.write("HTTP/1.1 408 Timeout\r\ncontent-length: 0\r\n\r\n"), 5);
    });
    const transport = open();
    await ask(transport, server.url);
    await until(() => transport.stats().open === 0);
    expect(await ask(transport, server.url)).toBe("hi");
  });

  test("are closed with the transport: at once where they lie idle, else after the answer", async () => {
    const server = await serve(({ socket, text }) => {
      if (text.endsWith("slow")) setTimeout(() => socket.write(answer("hi")), 20);
      else socket.write(answer("hi"));
    });
    const transport = open();
    const slow = ask(transport, server.url, { body: "slow" });
    await ask(transport, server.url);
    transport.close();
    expect(await slow).toBe("hi");
    await until(() => server.open() === 0);
  });
});

describe("a request whose connection ends without an answer", () => {
  const cases = [
    ["a POST on a kept connection", "POST", "kept", 1],
    ["a GET on a fresh connection", "GET", "fresh", 1],
    ["a GET on a kept connection", "GET", "kept", 2],
  ] as const;
  for (const [name, method, state, times] of cases)
    test(`${name} is sent ${times === 1 ? "once" : "a second time, once"}`, async () => {
      const server = await serve(({ socket, text }) => {
        if (text.includes("x-warm")) socket.write(answer("hi"));
        else socket.end();
      });
      const transport = open();
      if (state === "kept") await ask(transport, server.url, { headers: { "x-warm": "1" } });
      const failing = ask(transport, server.url, { method });
      await expect(failing).rejects.toMatchObject({ code: "upstream_unreachable" });
      expect(server.received.filter((text) => !text.includes("x-warm"))).toHaveLength(times);
    });

  test("a GET that is sent a second time is answered", async () => {
    const server = await serve(({ socket, index }) => {
      if (index === 0) socket.write(answer("hi"));
      else socket.end();
    });
    const transport = open();
    expect(await ask(transport, server.url, { method: "GET" })).toBe("hi");
    expect(await ask(transport, server.url, { method: "GET" })).toBe("hi");
    expect(server.connections()).toBe(2);
  });
});

describe("a connection that does not come about in time", () => {
  const late = (origin: string) => ({
    code: "upstream_unreachable",
    message: `No connection to ${origin} came about within 30 ms.`,
  });

  test("because none is free", async () => {
    const server = await serve(() => undefined);
    const transport = open({ maxConnections: 1 });
    const first = send(transport, server.url);
    await expect(send(transport, server.url, { connectMilliseconds: 30 })).rejects.toMatchObject(late(server.origin));
    expect(transport.stats()).toMatchObject({ open: 1, waiting: 0 });
    server.close();
    await expect(first).rejects.toMatchObject({ code: "upstream_unreachable" });
  });

  test("because TLS does not", async () => {
    const server = await serve(() => undefined);
    const url = server.url.replace("http:", "https:");
    await expect(send(open(), url, { connectMilliseconds: 30 })).rejects.toMatchObject(
      late(server.origin.replace("http:", "https:")),
    );
  });

  test("does not keep those who come after from a connection", async () => {
    const server = await serve(() => undefined);
    const url = server.url.replace("http:", "https:");
    const transport = open();
    for (let count = 1; count <= 40; count++) {
      await expect(send(transport, url, { connectMilliseconds: 1 })).rejects.toThrow("came about");
      // So many are given up as lost; past that, new calls count upon one of those.
      expect(transport.stats()).toMatchObject({ dialing: Math.min(count, 33), waiting: 0 });
    }
  });

  test("once it stands, there is no deadline", async () => {
    const server = await serve(({ socket }) => setTimeout(() => socket.write(answer("hi")), 40));
    expect(await ask(open(), server.url, { connectMilliseconds: 20 })).toBe("hi");
  });
});

describe("an abort", () => {
  const reason = new Error("enough");

  test("while the connection is opened: at once, and the next call is not kept waiting", async () => {
    const server = await serve(() => undefined);
    const transport = open();
    const signal = new CancelController();
    const call = send(transport, server.url.replace("http:", "https:"), { signal });
    signal.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(transport.stats()).toMatchObject({ waiting: 0 });
  });

  test("while the connection is opened leaves it to the next call, or to nobody for long", async () => {
    const server = await serve(({ socket }) => socket.write(answer("hi")));
    const transport = open();
    const abortAtOnce = async (): Promise<void> => {
      const signal = new CancelController();
      const call = send(transport, server.url, { signal });
      signal.abort(reason);
      await expect(call).rejects.toBe(reason);
    };
    await abortAtOnce();
    await until(() => transport.stats().idle === 1);
    expect(await ask(transport, server.url)).toBe("hi");
    expect(transport.stats()).toMatchObject({ opened: 1, idle: 1 });
    // That one has served, so it is kept for others; these have not, and are not.
    const signals = Array.from({ length: 5 }, () => new CancelController());
    const calls = signals.map((signal) => send(transport, server.url, { signal }).catch(() => undefined));
    for (const signal of signals) signal.abort(reason);
    await Promise.all(calls);
    await until(() => transport.stats().opened === 5);
    await until(() => transport.stats().open === 0, 5_000);
    await until(() => server.open() === 0);
  }, 20_000);

  for (const [name, leaves, isUnsent] of [
    ["before it is sent", "before", true],
    ["while the connection is opened", "at once", true],
    ["when it has gone up", "later", false],
  ] as const)
    test(`${name} says ${isUnsent ? "" : "not "}that nothing has left`, async () => {
      const server = await serve(() => undefined);
      const signal = new CancelController();
      let told = 0;
      if (leaves === "before") signal.abort(reason);
      const call = send(open(), server.url, { signal, attempt: { neverSent: () => (told += 1) } });
      const failure = call.catch((error: unknown) => error);
      if (leaves === "later") await until(() => server.received.length === 1);
      signal.abort(reason);
      expect(told).toBe(isUnsent ? 1 : 0);
      expect(await failure).toBe(reason);
    });

  test("while it waits for its turn", async () => {
    const server = await serve(() => undefined);
    const transport = open({ maxConnections: 1 });
    const first = new CancelController();
    const second = new CancelController();
    const calls = [send(transport, server.url, { signal: first }), send(transport, server.url, { signal: second })];
    second.abort(reason);
    await expect(calls[1]).rejects.toBe(reason);
    await until(() => server.received.length === 1);
    first.abort(reason);
    await expect(calls[0]).rejects.toBe(reason);
    await until(() => server.open() === 0);
    expect(transport.stats()).toMatchObject({ open: 0, waiting: 0, opened: 1 });
  });

  test("while the request is written", async () => {
    const server = await serve(({ socket }) => socket.pause());
    const signal = new CancelController();
    const call = send(open(), server.url, { signal, body: "x".repeat(20_000_000) });
    await until(() => server.received.length === 1);
    signal.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  test("after the end changes nothing", async () => {
    const server = await serve(({ socket }) => socket.write(answer("hi")));
    const transport = open();
    const signal = new CancelController();
    expect(await ask(transport, server.url, { signal })).toBe("hi");
    signal.abort(reason);
    expect(transport.stats()).toMatchObject({ open: 1, idle: 1 });
  });

  test("of many calls at any moment leaves nothing behind", async () => {
    const server = await serve(({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n");
      setTimeout(() => socket.write("0\r\n\r\n"), 3);
    });
    const transport = open();
    const one = async (index: number): Promise<void> => {
      const signal = new CancelController();
      const timer = setTimeout(() => signal.abort(reason), index % 8);
      await ask(transport, server.url, { signal }).catch((error) => expect(error).toBe(reason));
      clearTimeout(timer);
    };
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 50 }, (_, index) => one(index)));
    const { open: standing, idle, waiting } = transport.stats();
    expect({ standing, waiting }).toEqual({ standing: idle, waiting: 0 });
    await until(() => server.open() === idle);
  });
});

describe("a body", () => {
  test("of any size goes up whole, however slowly it is taken", async () => {
    const length = 12_000_000;
    let taken = 0;
    const server = await serve(({ socket, text, index }) => {
      taken += index === 0 ? text.length - text.indexOf("\r\n\r\n") - 4 : text.length;
      socket.pause();
      setTimeout(() => socket.resume(), 1);
      if (taken === length) socket.write(answer("hi"));
    });
    const transport = open();
    expect(await ask(transport, server.url, { body: "é".repeat(length / 2) })).toBe("hi");
    expect(server.received.join("").slice(-4)).toBe("\xc3\xa9\xc3\xa9");
    expect(transport.stats()).toMatchObject({ idle: 1 });
  });

  test("need not go up whole where the answer is there before: it is given, the connection is not kept", async () => {
    const server = await serve(({ socket, index }) => {
      socket.pause();
      if (index === 0) socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
    });
    const transport = open();
    const response = await send(transport, server.url, { body: "x".repeat(20_000_000) });
    expect(response.status).toBe(413);
    expect(Buffer.from((await response.whole?.(10)) ?? []).toString()).toBe("no");
    expect(transport.stats()).toMatchObject({ open: 0 });
  });

  test("that nobody reads holds the upstream up; then it comes down whole", async () => {
    const piece = Buffer.alloc(65_536, "a");
    const pieces = 500;
    let written = 0;
    const server = await serve(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${piece.length * pieces}\r\n\r\n`);
      const more = (): void => {
        while (written < pieces) {
          written += 1;
          if (!socket.write(piece)) return;
        }
      };
      socket.on("drain", more);
      more();
    });
    const response = await send(open(), server.url);
    await Bun.sleep(50);
    const before = written;
    await Bun.sleep(50);
    expect(written).toBe(before);
    expect(written).toBeLessThan(pieces);
    let length = 0;
    for await (const bytes of response.body) length += bytes.length;
    expect(length).toBe(piece.length * pieces);
  });

  test("is pushed into a sink chunk by chunk", async () => {
    const server = await serve(({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n");
      setTimeout(() => socket.write("1\r\nc\r\n0\r\n\r\n"), 5);
    });
    const transport = open();
    const response = await send(transport, server.url);
    const told: string[] = [];
    await new Promise<void>((resolve, reject) => {
      response.consume?.({
        data(bytes) {
          told.push(Buffer.from(bytes).toString());
          return true;
        },
        end: resolve,
        fail: reject,
      });
    });
    expect(told).toEqual(["ab", "c"]);
    expect(transport.stats()).toMatchObject({ idle: 1 });
  });
});

describe("what cannot be sent", () => {
  const cases: readonly (readonly [name: string, request: Partial<WireRequest> & { url: string }, message: string])[] =
    [
      ["no URL", { url: "secret" }, "An upstream's URL is not valid."],
      ["another scheme", { url: "ftp://secret" }, "does not begin with http: or https:"],
      ["a password in the URL", { url: "http://a:secret@b.test/c" }, "(http://b.test) holds a user name or password"],
      ["a line break in a header", { url: "http://127.0.0.1:1", headers: { "x-a": "secret\n" } }, "a line break"],
    ];
  for (const [name, { url, ...request }, message] of cases)
    test(`${name} is refused, and not repeated`, async () => {
      const call = send(open(), url, request);
      await expect(call).rejects.toMatchObject({
        code: "invalid_configuration",
        message: expect.stringContaining(message),
      });
      await expect(call).rejects.not.toThrow("secret");
    });
});
