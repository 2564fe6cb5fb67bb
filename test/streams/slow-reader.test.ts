import { afterAll, beforeAll, expect, test } from "bun:test";
import { openLedger } from "../support/ledger-rows.ts";
import { readProcess } from "../support/process-figures.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { type EndlessUpstream, startEndlessUpstream } from "./endless-upstream.ts";
import { chatRequest, openRawClient, portOf } from "./raw-client.ts";
import { waitFor } from "./wait-for.ts";

const stalledMilliseconds = 5_000;
const readers = 10;
/** The system's own buffers on loopback grow to some megabytes on each of the two connections. */
const mostMegabytesEach = 20;
/** Mostly what the parser left behind of what the buffers took; without a pause it would be gigabytes. */
const mostMegabytes = 200;

let upstream: EndlessUpstream;
let gateway: RunningGateway;

beforeAll(async () => {
  upstream = await startEndlessUpstream();
  gateway = await startGateway({
    configuration: {
      server: { stalledMilliseconds, keepAliveMilliseconds: 1_000 },
      providers: { endless: { kind: "openai-compatible", baseUrl: upstream.baseUrl, apiKey: "none" } },
    },
  });
});
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

test("a client that takes nothing pauses its upstream, and is cut off", async () => {
  const before = readProcess(gateway.pid).megabytes;
  const clients = Array.from({ length: readers }, () => {
    const client = openRawClient(portOf(gateway.url), chatRequest("endless/any", { stream: true }));
    client.socket.pause();
    return client;
  });
  await waitFor(() => upstream.openStreams() === readers, "every call reached the upstream");
  let sent = -1;
  await waitFor(async () => {
    const before = sent;
    sent = upstream.sentBytes();
    await Bun.sleep(400);
    return sent === before;
  }, "the upstreams are paused");
  const held = readProcess(gateway.pid).megabytes;
  await Bun.sleep(800);
  expect(upstream.sentBytes()).toBe(sent);
  expect(readProcess(gateway.pid).megabytes - held).toBeLessThan(10);
  expect(sent / readers / 1_048_576).toBeLessThan(mostMegabytesEach);
  expect(readProcess(gateway.pid).megabytes - before).toBeLessThan(mostMegabytes);

  await waitFor(() => upstream.openStreams() === 0, "every upstream was closed");
  // A paused socket does not see its end: it is read to there. Some come back at once, and are told.
  for (const { socket } of clients.slice(0, readers / 2)) socket.resume();
  const told = await Promise.all(clients.slice(0, readers / 2).map(({ closed }) => closed));
  for (const received of told) {
    expect(received).not.toContain("[DONE]");
    expect(received).toContain('"code":"client_closed_request"');
  }
  for (const { socket } of clients) socket.resume();
  const cut = await Promise.all(clients.slice(readers / 2).map(({ closed }) => closed));
  for (const received of cut) {
    expect(received).not.toContain("[DONE]");
    // The last, empty chunk would say that the answer was whole.
    expect(received.endsWith("\r\n0\r\n\r\n")).toBe(false);
  }
  await gateway.stop();
  const ledger = openLedger(gateway.dataFolder);
  const rows = ledger
    .query("SELECT outcome, error_code AS code, COUNT(*) AS count FROM calls GROUP BY outcome, error_code")
    .all();
  ledger.close();
  expect(rows).toEqual([{ outcome: "aborted", code: "client_closed_request", count: readers }]);
}, 40_000);
