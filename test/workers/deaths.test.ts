import { afterEach, expect, test } from "bun:test";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, chat, eventually, hello } from "../e2e/ask.ts";
import { waitFor } from "../streams/wait-for.ts";
import { readLedger } from "../support/ledger-rows.ts";
import { startGateway } from "../support/start-gateway.ts";
import { askWorker, sendToWorker } from "./ask-worker.ts";
import { isRunning, workersOf } from "./processes.ts";
import { type RunningWorkers, startWorkers } from "./start-workers.ts";
import { verifyLedger } from "./verify-ledger.ts";

let gateway: RunningWorkers;
afterEach(() => gateway.dispose());

const configuration = { discovery: { mock: true } };
const stream = {
  ...hello("mock/mock-echo"),
  messages: [{ role: "user", content: "one two three four five six seven eight nine ten" }],
  stream: true,
  mock: { tokensPerSecond: 5 },
};
const start = async (more: object = {}): Promise<void> => {
  gateway = await startWorkers({ configuration: { ...configuration, ...more } });
};
const idOf = (received: string): string => /x-request-id: (\S+)/i.exec(received)?.[1] ?? "none";

test("a worker that is killed within streams takes no other's along, and is started again", async () => {
  await start();
  const lost = await sendToWorker(gateway, gateway.first, [chat, { body: stream }]);
  const kept = await sendToWorker(gateway, gateway.second, [chat, { body: stream }]);
  await waitFor(() => lost.received().includes("two") && kept.received().includes("two"), "both streams have begun");
  process.kill(gateway.first, "SIGKILL");
  await waitFor(() => lost.socket.closed, "its client is told");
  const ids = { lost: idOf(lost.received()), kept: idOf(kept.received()) };
  // At once, and not with the next start.
  await eventually("the lost call is entered", () =>
    readLedger(gateway.dataFolder).calls.some(({ id, outcome }) => id === ids.lost && outcome === "interrupted"),
  );
  expect(kept.received()).not.toContain(" ten");
  const { text } = await kept.answer();
  expect(text).toContain(" ten");
  expect(text).toEndWith("data: [DONE]\n\n");
  await waitFor(() => workersOf(gateway).length === 2, "there are two workers again");
  const [, next] = workersOf(gateway);
  expect(next).not.toBe(gateway.second);
  await eventually(
    "the new one answers",
    async () => (await askWorker(gateway, next ?? 0, ["/readyz"])).status === 200,
  );
  await gateway.stop();
  const { calls, segments, openDispatches } = readLedger(gateway.dataFolder);
  expect(calls.map(({ id, outcome }) => [id, outcome]).toSorted()).toEqual(
    [
      [ids.lost, "interrupted"],
      [ids.kept, "ok"],
    ].toSorted(),
  );
  expect([segments, openDispatches]).toEqual([[], 0]);
  expect((await verifyLedger(gateway.dataFolder)).differences).toEqual([]);
});

test("killed again and again, a worker is waited for longer each time, and the other answers", async () => {
  await start();
  for (let kills = 0; kills < 3; kills++) {
    const victims = workersOf(gateway).filter((pid) => pid !== gateway.second);
    for (const pid of victims) process.kill(pid, "SIGKILL");
    await waitFor(() => !victims.some(isRunning), "it is gone");
    expect((await askWorker(gateway, gateway.second, [chat, { body: hello("mock/mock-echo") }])).status).toBe(200);
    await waitFor(() => workersOf(gateway).length === 2, "another is there");
    await eventually("it is ready", () => gateway.logs().split('"worker started"').length === 4 + kills);
  }
  const pauses = [...gateway.logs().matchAll(/"startedAgainInMilliseconds":(\d+)/g)].map(([, number]) =>
    Number(number),
  );
  expect(pauses).toEqual([0, 100, 200]);
  await gateway.stop();
});

test("a worker that cannot start again ends the program with its error", async () => {
  await start();
  // The journal's folder cannot be written any more, so that no new journal can be opened.
  const journal = join(gateway.dataFolder, "journal");
  rmSync(journal, { recursive: true });
  writeFileSync(journal, "");
  process.kill(gateway.first, "SIGKILL");
  await waitFor(() => !isRunning(gateway.pid), "the supervisor has ended");
  expect(gateway.logs()).toContain("worker could not start");
  expect(gateway.logs()).toMatch(/error: Cannot make the journal's folder/);
  expect([gateway.first, gateway.second].some(isRunning)).toBe(false);
  expect(existsSync(join(gateway.dataFolder, "server.json"))).toBe(false);
});

test("without their supervisor workers end what is open, leave the port, and a new start takes over", async () => {
  await start({ server: { drainMilliseconds: 20_000 } });
  const at = Number(new URL(gateway.url).port);
  const open = await sendToWorker(gateway, gateway.first, [chat, { body: stream }]);
  await waitFor(() => open.received().includes("two"), "the stream has begun");
  await gateway.kill("SIGKILL");
  await waitFor(() => !isRunning(gateway.second), "the idle one has ended");
  // While the other still ends its stream, its address is free.
  const next = await startGateway({
    configuration: { ...configuration, server: { workers: 2 } },
    dataFolder: gateway.dataFolder,
    environment: { INTELLIROUTER_SERVER__PORT: String(at) },
  });
  try {
    expect((await ask(next, chat, { body: hello("mock/mock-echo") })).status).toBe(200);
    const { text } = await open.answer();
    expect(text).toEndWith("data: [DONE]\n\n");
    await waitFor(() => !isRunning(gateway.first), "it has ended, too");
    await next.stop();
    const { calls, segments } = readLedger(gateway.dataFolder);
    expect(calls.map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
    expect(segments).toEqual([]);
  } finally {
    await next.dispose();
  }
});
