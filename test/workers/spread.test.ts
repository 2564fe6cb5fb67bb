import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { administer, ask, chat, hello } from "../e2e/ask.ts";
import { readLedger } from "../support/ledger-rows.ts";
import { askWorker, sendToWorker } from "./ask-worker.ts";
import { type RunningWorkers, startWorkers } from "./start-workers.ts";
import { verifyLedger } from "./verify-ledger.ts";

let gateway: RunningWorkers;
beforeAll(async () => {
  gateway = await startWorkers({ configuration: { discovery: { mock: true } } });
});
afterAll(() => gateway.dispose());

test("both workers answer on one port, and the server's file names the supervisor", async () => {
  for (const worker of [gateway.first, gateway.second]) {
    expect((await askWorker(gateway, worker, ["/readyz"])).status).toBe(200);
    const { status, body } = await askWorker(gateway, worker, [chat, { body: hello("mock/mock-echo") }]);
    expect([status, body.choices[0].message.content]).toEqual([200, "hello"]);
  }
  expect(JSON.parse(readFileSync(join(gateway.dataFolder, "server.json"), "utf8")).pid).toBe(gateway.pid);
});

test("either worker tells of the calls of both", async () => {
  const body = { ...hello("mock/mock-echo"), mock: { delayMilliseconds: 60_000 } };
  const open = [
    await sendToWorker(gateway, gateway.first, [chat, { body }]),
    await sendToWorker(gateway, gateway.second, [chat, { body }]),
  ];
  const key = `local-${gateway.localToken}`;
  for (const worker of [gateway.first, gateway.second])
    for (const until = performance.now() + 5_000; ; await Bun.sleep(10)) {
      const { body } = await askWorker(gateway, worker, ["/admin/v1/status", { key }]);
      if (body.callsInFlight === 2) break;
      if (performance.now() > until) throw new Error(`${body.callsInFlight} calls in flight, expected 2`);
    }
  for (const { socket } of open) socket.destroy();
});

test("every call of either worker is in the ledger once, and either shows it at once", async () => {
  const ids = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const { status, headers } = await ask(gateway, chat, {
        body: hello("mock/mock-echo"),
        headers: { connection: "close" },
      });
      expect(status).toBe(200);
      return headers.get("x-request-id");
    }),
  );
  expect((await administer(gateway, `/calls/${ids[59]}`)).status).toBe(200);
  await gateway.stop();
  const { calls, segments, openDispatches } = readLedger(gateway.dataFolder);
  const counts = ids.map((id) => calls.filter((call) => call.id === id).length);
  expect(counts).toEqual(ids.map(() => 1));
  expect([segments, openDispatches]).toEqual([[], 0]);
  expect((await verifyLedger(gateway.dataFolder)).differences).toEqual([]);
});
