import { afterAll, beforeAll, expect, test } from "bun:test";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startUpstream, type Upstream } from "../upstream/start.ts";
import { chatRequest, openRawClient, portOf } from "./raw-client.ts";

// Clients that never finish asking: closed or refused without a body, and nobody is asked for them.

let upstream: Upstream;
let gateway: RunningGateway;

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({
    configuration: {
      server: { idleSeconds: 2 },
      providers: { fake: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
    },
  });
});
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

const whole = chatRequest("fake/slow", { stream: true });
const head = whole.slice(0, whole.indexOf("\r\n\r\n") + 4);
const chunked = `${head.replace(/content-length: \d+/, "transfer-encoding: chunked")}`;

const requests: readonly (readonly [string, string, string])[] = [
  ["says nothing", "", ""],
  ["stops within the headers", head.slice(0, 40), ""],
  ["gives the headers letter by letter", `${head.slice(0, -2)}x-slow: `, "a"],
  ["stops within the body", whole.slice(0, -20), ""],
  ["gives the body letter by letter", head, "{"],
  ["stops within a chunked body", `${chunked}5\r\n{"mod\r\n`, ""],
  ["gives a chunked body letter by letter", chunked, "1\r\n{\r\n"],
];

test.concurrent.each(requests)(
  "a client that %s is closed and never dispatched",
  async (_, start, drip) => {
    const client = openRawClient(portOf(gateway.url), start);
    const timer = setInterval(() => drip !== "" && client.socket.writable && client.socket.write(drip), 500);
    const received = await client.closed;
    clearInterval(timer);
    expect(received === "" || /^HTTP\/1\.1 4\d\d .*\r\n\r\n$/s.test(received)).toBe(true);
    expect(upstream.dispatches()).toEqual([]);
  },
  40_000,
);
