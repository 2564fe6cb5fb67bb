import { afterEach, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { administer, ask, chat, eventually, hello } from "../e2e/ask.ts";
import { waitFor } from "../streams/wait-for.ts";
import { askWorker, sendToWorker } from "../workers/ask-worker.ts";
import { isRunning } from "../workers/processes.ts";
import { type RunningWorkers, startWorkers } from "../workers/start-workers.ts";
import { startTroubledUpstream, type TroubledUpstream } from "../workers/troubled-upstream.ts";
import { expectAllPlacesFree } from "./abort-storm.ts";

let gateway: RunningWorkers;
let upstream: TroubledUpstream;
afterEach(async () => {
  await gateway.dispose();
  await upstream.stop();
});

const start = async (limits: readonly object[]): Promise<void> => {
  upstream = startTroubledUpstream();
  gateway = await startWorkers({
    configuration: {
      discovery: { mock: true },
      providers: { lab: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
      limits,
    },
  });
};
const one = [chat, { body: hello("lab/m") }] as const;

test("of 200 calls at once against a limit of 50, exactly 50 reach the provider", async () => {
  await start([{ scope: "everyone", requests: 50, per: "hour" }]);
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const headers = { connection: "close" };
      return (await ask(gateway, chat, { body: hello("lab/m"), headers })).status;
    }),
  );
  expect(statuses.filter((status) => status === 200).length).toBe(50);
  expect(statuses.filter((status) => status === 429).length).toBe(150);
  const metrics = (await ask(gateway, "/metrics")).text;
  expect(metrics).toContain('intellirouter_limit_grants_total{scope="everyone",per="hour"} 50\n');
  expect(metrics).toContain('intellirouter_limit_refusals_total{scope="everyone",per="hour",amount="requests"} 150\n');
  expect(upstream.received).toBe(50);
  for (const worker of [gateway.first, gateway.second])
    expect((await askWorker(gateway, worker, one)).status).toBe(429);
});

test("what lower priorities may use up holds over both workers", async () => {
  await start([{ scope: "everyone", requests: 50, per: "hour", shares: { normal: 0.8, low: 0.5 } }]);
  const headers = { connection: "close" };
  const letOn: number[] = [];
  for (const priority of ["low", "normal", "high"]) {
    const { key } = (await administer(gateway, "/keys", { body: { name: priority, priority } })).body;
    const all = await Promise.all(
      Array.from({ length: 60 }, async () => (await ask(gateway, chat, { body: hello("lab/m"), headers, key })).status),
    );
    letOn.push(all.filter((status) => status === 200).length);
  }
  expect(letOn).toEqual([25, 15, 10]);
  expect(upstream.received).toBe(50);
});

test("both workers count together, and a reload changes the limits of both without forgetting", async () => {
  await start([{ scope: "everyone", requests: 3, per: "hour" }]);
  const statuses: number[] = [];
  for (const worker of [gateway.first, gateway.second, gateway.first, gateway.second])
    statuses.push((await askWorker(gateway, worker, one)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  const file = join(gateway.dataFolder, "intellirouter.yaml");
  const limits = [{ scope: "everyone", requests: 4, per: "hour" }];
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), limits }));
  expect((await administer(gateway, "/reload", { method: "POST" })).status).toBe(200);
  const { status, headers } = await askWorker(gateway, gateway.second, one);
  expect([status, headers.get("x-ratelimit-limit-requests"), headers.get("x-ratelimit-remaining-requests")]).toEqual([
    200,
    "4",
    "0",
  ]);
  expect((await askWorker(gateway, gateway.first, one)).status).toBe(429);
});

test("a client that makes one call after the other is never refused for being two", async () => {
  await start([{ scope: "everyone", concurrent: 1, tokens: 1_100, per: "second" }]);
  const statuses: number[] = [];
  for (let round = 0; round < 10; round++)
    for (const worker of [gateway.first, gateway.second]) statuses.push((await askWorker(gateway, worker, one)).status);
  expect(statuses).toEqual(statuses.map(() => 200));
});

test("what a worker had open when it died is not open any more", async () => {
  await start([{ scope: "everyone", concurrent: 1 }]);
  upstream.mode = "slow";
  await sendToWorker(gateway, gateway.first, one);
  await waitFor(() => upstream.received === 1, "the call is under way");
  upstream.mode = "works";
  expect((await askWorker(gateway, gateway.second, one)).status).toBe(429);
  process.kill(gateway.first, "SIGKILL");
  await waitFor(() => !isRunning(gateway.first), "its worker is gone");
  await eventually("the place is free", async () => (await askWorker(gateway, gateway.second, one)).status === 200);
});

test("however calls end, no place is lost or won", async () => {
  await start([{ scope: "everyone", concurrent: 20 }]);
  await expectAllPlacesFree(gateway, 20);
});
