import { afterAll, beforeAll, expect, test } from "bun:test";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startUpstream, type Upstream } from "../upstream/start.ts";
import { chatRequest, openRawClient, portOf, readEvents } from "./raw-client.ts";

// What a client sees while the upstream is silent, before and after its first content.

let upstream: Upstream;
let gateway: RunningGateway;

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({
    configuration: {
      server: { keepAliveMilliseconds: 60, commitAfterMilliseconds: 150, idleSeconds: 1 },
      providers: { fake: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
      routes: {
        short: {
          targets: ["fake/s?hang=headers"],
          timeouts: { firstTokenMilliseconds: 400 },
          retries: { perTarget: 0 },
        },
        dead: { targets: ["fake/d?hang=2&chunks=9"], timeouts: { idleMilliseconds: 400 }, retries: { perTarget: 0 } },
        refused: { targets: ["fake/r?first=400&status=400"] },
        soon: { targets: ["fake/q?status=400"] },
      },
    },
  });
});
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

const comment = ": keep-alive\n\n";
const ping = 'event: ping\ndata: {"type": "ping"}\n\n';

const call = async (model: string, path = "/v1/chat/completions") => {
  const client = openRawClient(portOf(gateway.url), chatRequest(model, { stream: true, path }));
  await client.until("\r\n0\r\n\r\n");
  const received = client.received();
  client.reset();
  const isMessages = path === "/v1/messages";
  const body = received.slice(received.indexOf("\r\n\r\n") + 4);
  return {
    head: received.slice(0, received.length - body.length),
    body,
    signs: body.split(isMessages ? ping : comment).length - 1,
    reader: readEvents(received, isMessages ? "messages" : "chat"),
  };
};

for (const path of ["/v1/chat/completions", "/v1/messages"]) {
  test(`${path}: silence between two pieces is filled, and the answer is whole`, async () => {
    const { signs, reader } = await call("fake/a?chunks=3&delay=250", path);
    expect(reader.isComplete()).toBe(true);
    expect(reader.text()).toHaveLength(24);
    expect(signs).toBeGreaterThanOrEqual(5);
  });

  test(`${path}: a late first token is announced by headers and signs of life`, async () => {
    const { head, body, signs, reader } = await call("fake/b?first=600&chunks=2", path);
    expect(head).toStartWith("HTTP/1.1 200");
    expect(head.toLowerCase()).toContain("x-intellirouter-provider: fake");
    expect(body.slice(body.indexOf("\r\n") + 2)).toStartWith(path === "/v1/messages" ? ping : comment);
    expect(signs).toBeGreaterThanOrEqual(4);
    expect(reader.isComplete()).toBe(true);
  });

  test(`${path}: an answer in time brings no sign of life`, async () => {
    const { signs, reader } = await call("fake/c?chunks=20&delay=5", path);
    expect(reader.isComplete()).toBe(true);
    expect(signs).toBe(0);
  });

  for (const [route, what] of [
    ["short", "before its first token"],
    ["dead", "in the middle"],
    ["refused", "by a refusal after the headers had left"],
  ] as const)
    test(`${path}: a stream that fails ${what} ends with an error event alone`, async () => {
      const { head, signs, reader } = await call(route, path);
      expect(head).toStartWith("HTTP/1.1 200");
      expect(signs).toBeGreaterThan(0);
      expect(reader.isComplete()).toBe(false);
      expect(reader.error()).not.toBeNull();
    });

  test(`${path}: before that time a failure keeps its own status`, async () => {
    const client = openRawClient(portOf(gateway.url), chatRequest("soon", { stream: true, path }));
    await client.until("\r\n\r\n");
    expect(client.received()).toStartWith("HTTP/1.1 400");
    client.reset();
  });
}

test("a connection is not kept open for ever because a call came over it", async () => {
  for (const stream of [true, false]) {
    const client = openRawClient(portOf(gateway.url), chatRequest("fake/e?chunks=2", { stream }));
    await client.until("HTTP/1.1 200");
    await client.closed;
  }
}, 20_000);
