import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openLedger, readLedger } from "../support/ledger-rows.ts";
import { providerName } from "../support/send-call.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startUpstream, type Upstream } from "../upstream/start.ts";
import { chatRequest, openRawClient, portOf, readEvents } from "./raw-client.ts";

// The real program, told to stop while calls are open.

let upstream: Upstream;
let gateway: RunningGateway;

const start = (server: object): Promise<RunningGateway> =>
  startGateway({
    configuration: {
      server,
      providers: { [providerName]: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
    },
  });

beforeAll(async () => {
  upstream = await startUpstream();
});
afterEach(() => gateway.dispose());
afterAll(() => upstream.stop());

let names = 0;
const openCall = (behaviour: string, options = { stream: true, path: "/v1/chat/completions" }) => {
  names += 1;
  return openRawClient(portOf(gateway.url), chatRequest(`${providerName}/d-${names}?${behaviour}`, options));
};
const openStreams = async (count: number, behaviour: string) => {
  const clients = Array.from({ length: count }, () => openCall(behaviour));
  await Promise.all(clients.map((client) => client.until("data: ")));
  return clients;
};
const statusOf = async (path: string): Promise<number> =>
  (await fetch(gateway.url + path, { keepalive: false })).status;
const outcomes = () => {
  const ledger = openLedger(gateway.dataFolder);
  const rows = ledger
    .query(
      "SELECT outcome, error_code AS code, COUNT(*) AS count FROM calls GROUP BY outcome, error_code ORDER BY count",
    )
    .all();
  ledger.close();
  return rows;
};

describe("with a delay and time to end", () => {
  beforeEach(async () => {
    gateway = await start({ drainDelayMilliseconds: 500, drainMilliseconds: 1_200 });
  });

  test("unready at once, then no calls, then open streams end whole or with an error event", async () => {
    const short = await openStreams(10, "chunks=40&delay=25");
    const long = await openStreams(8, "chunks=2&hang=1");
    const kept = openCall("chunks=1");
    await kept.until("[DONE]");
    const whole = openCall("chunks=1&first=20000", { stream: false, path: "/v1/chat/completions" });
    await Bun.sleep(50);
    process.kill(gateway.pid, "SIGTERM");
    await Bun.sleep(100);
    expect(await statusOf("/readyz")).toBe(503);
    expect(await statusOf("/healthz")).toBe(200);
    const within = openCall("chunks=2");
    await within.until("[DONE]");
    await Bun.sleep(600);
    expect(await statusOf("/readyz")).toBe(503);
    const late = openCall("chunks=2");
    const refused = await late.closed;
    expect(refused).toStartWith("HTTP/1.1 503");
    expect(refused.toLowerCase()).toContain("connection: close");
    expect(refused).toContain('"code":"shutting_down"');
    kept.socket.write(chatRequest(`${providerName}/kept`, { stream: true }));
    expect(await kept.closed).toContain('"code":"shutting_down"');

    for (const received of await Promise.all(short.map(({ closed }) => closed))) {
      const reader = readEvents(received, "chat");
      expect([reader.isComplete(), reader.text().length]).toEqual([true, 40 * 8]);
    }
    for (const received of await Promise.all(long.map(({ closed }) => closed))) {
      const reader = readEvents(received, "chat");
      expect([reader.isComplete(), reader.error()]).toEqual([false, "shutting_down"]);
      expect(received.endsWith("\r\n0\r\n\r\n")).toBe(true);
    }
    expect(await whole.closed).toStartWith("HTTP/1.1 503");
    await gateway.stop();
    expect(outcomes()).toEqual([
      { outcome: "error", code: "shutting_down", count: 9 },
      { outcome: "ok", code: null, count: 12 },
    ]);
    const { openDispatches, segments, attempts } = readLedger(gateway.dataFolder);
    expect({ openDispatches, segments, attempts: attempts.length }).toEqual({
      openDispatches: 0,
      segments: [],
      attempts: 21,
    });
  }, 30_000);
});

for (const [first, second] of [
  ["SIGTERM", "SIGTERM"],
  ["SIGINT", "SIGTERM"],
] as const)
  test(`${second} after ${first} ends at once, and everything is settled`, async () => {
    gateway = await start({ drainDelayMilliseconds: 20_000, drainMilliseconds: 60_000 });
    const streams = await openStreams(20, "chunks=2&hang=1");
    process.kill(gateway.pid, first);
    await Bun.sleep(100);
    const began = performance.now();
    // `stop` sends SIGTERM, and throws where the program ends with another code than 0.
    const stopped = gateway.stop();
    for (const received of await Promise.all(streams.map(({ closed }) => closed)))
      expect(readEvents(received, "chat").error()).toBe("shutting_down");
    await stopped;
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(outcomes()).toEqual([{ outcome: "error", code: "shutting_down", count: 20 }]);
  }, 20_000);
