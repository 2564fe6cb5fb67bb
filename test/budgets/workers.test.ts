import { afterEach, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { administer, ask, chat, eventually, hello } from "../e2e/ask.ts";
import { waitFor } from "../streams/wait-for.ts";
import { openLedger } from "../support/ledger-rows.ts";
import { askWorker, sendToWorker } from "../workers/ask-worker.ts";
import { isRunning } from "../workers/processes.ts";
import { type RunningWorkers, startWorkers } from "../workers/start-workers.ts";
import { startTroubledUpstream, type TroubledUpstream } from "../workers/troubled-upstream.ts";

let gateway: RunningWorkers;
let upstream: TroubledUpstream;
afterEach(async () => {
  await gateway.dispose();
  await upstream.stop();
});

const start = async (budgets: readonly object[]): Promise<void> => {
  upstream = startTroubledUpstream();
  const models = { m: { price: { input: 1, output: 1 } } };
  gateway = await startWorkers({
    configuration: {
      providers: { lab: { kind: "openai-compatible", baseUrl: upstream.baseUrl, models } },
      budgets,
    },
  });
};
const body = { ...hello("lab/m"), max_tokens: 100 };
const one = [chat, { body }] as const;
const worstUsd = (Buffer.byteLength(JSON.stringify(body)) + 256 + 8 + 100) / 1e6;
/** On a connection of its own: one that is kept open may be that of a worker which is gone. */
const standing = async () => (await administer(gateway, "/budgets", { headers: { connection: "close" } })).body.data[0];

test("at the last cent exactly as many calls are let on as it can pay for, over both workers", async () => {
  await start([{ scope: "everyone", usd: worstUsd * 40 + worstUsd / 2, per: "day" }]);
  upstream.mode = "held";
  let refused = 0;
  const asking = Array.from({ length: 200 }, async () => {
    const headers = { connection: "close" };
    const { status } = await ask(gateway, chat, { body, headers });
    if (status === 429) refused += 1;
    return status;
  });
  // All that can be paid for are open when the last of the others is refused.
  await eventually("the others are refused", () => refused === 160);
  upstream.letGo();
  const statuses = await Promise.all(asking);
  expect(statuses.filter((status) => status === 200).length).toBe(40);
  expect(statuses.filter((status) => status === 429).length).toBe(160);
  expect(upstream.received).toBe(40);
  expect(await standing()).toMatchObject({ heldUsd: 0, spentUsd: expect.closeTo(40 * 2e-6, 12) });
  const metrics = (await ask(gateway, "/metrics")).text;
  expect(metrics).toMatch(/intellirouter_budget_spent_usd\{budget="0",scope="everyone",per="day"\} 0\.00008\n/);
}, 30_000);

test("a client that makes one call after the other is paid for by what the one before gave back", async () => {
  await start([{ scope: "everyone", usd: worstUsd + 100e-6, per: "day" }]);
  const statuses: number[] = [];
  for (let round = 0; round < 8; round++)
    for (const worker of [gateway.first, gateway.second]) statuses.push((await askWorker(gateway, worker, one)).status);
  expect(statuses).toEqual(statuses.map(() => 200));
}, 30_000);

test("what a killed worker had dispatched is counted at its worst, as the ledger has it", async () => {
  await start([{ scope: "everyone", usd: worstUsd * 2.5, per: "day" }]);
  upstream.mode = "slow";
  await sendToWorker(gateway, gateway.first, one);
  await waitFor(() => upstream.received === 1, "the call is under way");
  expect(await standing()).toMatchObject({ spentUsd: 0, heldUsd: expect.closeTo(worstUsd, 12) });
  process.kill(gateway.first, "SIGKILL");
  await waitFor(() => !isRunning(gateway.first), "its worker is gone");
  // A connection may be given to the dead worker in its last moment.
  await eventually("it is spent", async () => (await standing().catch(() => undefined))?.heldUsd === 0);
  expect((await standing()).spentUsd).toBeCloseTo(worstUsd, 12);
  upstream.mode = "works";
  expect((await askWorker(gateway, gateway.second, one)).status).toBe(200);
  const { spentUsd } = await standing();
  await gateway.stop();
  const database = openLedger(gateway.dataFolder);
  expect(database.query("SELECT sum(cost) AS cost FROM calls").get()).toEqual({ cost: Math.round(spentUsd * 1e12) });
  database.close();
}, 30_000);

test("a supervisor that does not answer lets no call on", async () => {
  await start([{ scope: "everyone", usd: 1, per: "day" }]);
  expect((await askWorker(gateway, gateway.first, one)).status).toBe(200);
  const before = upstream.received;
  process.kill(gateway.pid, "SIGSTOP");
  try {
    const { status, body: answered } = await askWorker(gateway, gateway.second, one);
    expect([status, answered.error.code]).toEqual([503, "storage_unavailable"]);
    expect(upstream.received).toBe(before);
  } finally {
    process.kill(gateway.pid, "SIGCONT");
  }
  await eventually("nothing stays held", async () => (await standing()).heldUsd === 0);
  expect((await askWorker(gateway, gateway.second, one)).status).toBe(200);
}, 30_000);

test("a reload brings a budget to both, with what was spent and what is open", async () => {
  await start([]);
  expect((await askWorker(gateway, gateway.first, one)).status).toBe(200);
  upstream.mode = "slow";
  const open = await sendToWorker(gateway, gateway.second, one);
  await waitFor(() => upstream.received === 2, "a call is open");
  const file = join(gateway.dataFolder, "intellirouter.yaml");
  const budgets = [{ scope: "everyone", usd: worstUsd * 1.5, per: "day" }];
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), budgets }));
  expect((await administer(gateway, "/reload", { method: "POST" })).status).toBe(200);
  expect(await standing()).toMatchObject({ spentUsd: expect.closeTo(2e-6, 12), heldUsd: expect.closeTo(worstUsd, 12) });
  expect((await askWorker(gateway, gateway.first, one)).status).toBe(429);
  await open.answer();
  await eventually("it is spent", async () => (await standing()).heldUsd === 0);
  expect((await standing()).spentUsd).toBeCloseTo(4e-6, 12);
  expect((await askWorker(gateway, gateway.first, one)).status).toBe(200);
}, 30_000);
