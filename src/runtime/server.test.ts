import { afterEach, describe, expect, test } from "bun:test";
import { describeHttpServer } from "../../test/contracts/http-server.ts";
import type { ServerReply } from "../core/ports/http-server.ts";
import { ListenError, type Listening, listen, type ServerKind } from "./server.ts";

const kinds: readonly ServerKind[] = ["sockets", "platform"];
const loopback = { host: "127.0.0.1", port: 0, idleSeconds: 10 };
const ok = (): ServerReply => ({ status: 200, headers: {}, body: "ok" });

for (const kind of kinds)
  describeHttpServer(`the server on ${kind}`, ({ handle, idleSeconds }) =>
    listen({ ...loopback, kind, handle, idleSeconds }),
  );

const opened: Listening[] = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

const open = (options: Partial<Parameters<typeof listen>[0]>): Listening => {
  const server = listen({ ...loopback, handle: ok, ...options });
  opened.push(server);
  return server;
};

describe.each(kinds.map((kind) => [kind] as const))("an address, on %s", (kind) => {
  test("is told as it can be asked", async () => {
    const server = open({ kind });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect(await (await fetch(server.url)).text()).toBe("ok");
  });

  test("of IPv6 stands in brackets", async () => {
    const server = open({ kind, host: "::1" });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    expect(await (await fetch(server.url)).text()).toBe("ok");
  });

  test("that is taken, or is not this machine's, is refused with what to do", () => {
    const { port } = open({ kind });
    expect(() => open({ kind, port })).toThrow(ListenError);
    expect(() => open({ kind, port })).toThrow(`Port ${port} on 127.0.0.1 is in use. Stop the other program`);
    expect(() => open({ kind, host: "192.0.2.1" })).toThrow("The address 192.0.2.1 is not one of this machine's.");
  });

  test("is shared by those who say so", () => {
    const { port } = open({ kind, reusePort: true });
    expect(open({ kind, port, reusePort: true }).port).toBe(port);
    expect(() => open({ kind, port })).toThrow(ListenError);
  });
});
