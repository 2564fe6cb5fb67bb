import { afterEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chat, hello } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { waitFor } from "../streams/wait-for.ts";
import { readLedger } from "../support/ledger-rows.ts";
import { askWorker, sendToWorker } from "./ask-worker.ts";
import { isRunning, workersOf } from "./processes.ts";
import { type RunningWorkers, startWorkers } from "./start-workers.ts";

let gateway: RunningWorkers;
afterEach(() => gateway.dispose());

const stream = (tokensPerSecond: number) => ({
  ...hello("mock/mock-echo"),
  messages: [{ role: "user", content: "one two three four five six seven eight nine ten" }],
  stream: true,
  mock: { tokensPerSecond },
});

const start = async (server: object): Promise<void> => {
  gateway = await startWorkers({ configuration: { discovery: { mock: true }, server } });
};
const openStreams = async (tokensPerSecond: number) => {
  const sent = [
    await sendToWorker(gateway, gateway.first, [chat, { body: stream(tokensPerSecond) }]),
    await sendToWorker(gateway, gateway.second, [chat, { body: stream(tokensPerSecond) }]),
  ];
  for (const one of sent) await waitFor(() => one.received().includes("one"), "the stream has begun");
  return sent;
};

test("SIGTERM lets the streams of both end, refuses new calls, and leaves nothing behind", async () => {
  await start({ drainDelayMilliseconds: 300 });
  const streams = await openStreams(8);
  const stopped = gateway.stop();
  for (const worker of [gateway.first, gateway.second])
    await waitFor(async () => (await askWorker(gateway, worker, ["/readyz"])).status === 503, "it is unready");
  await waitFor(
    async () => (await askWorker(gateway, gateway.first, [chat, { body: hello("mock/mock-echo") }])).status === 503,
    "no new call is taken",
  );
  for (const { answer } of streams) expect((await answer()).text).toEndWith("data: [DONE]\n\n");
  await stopped;
  expect([gateway.first, gateway.second].some(isRunning)).toBe(false);
  expect(existsSync(join(gateway.dataFolder, "server.json"))).toBe(false);
  const { calls, segments } = readLedger(gateway.dataFolder);
  expect(calls.filter(({ outcome }) => outcome === "ok").length).toBeGreaterThanOrEqual(2);
  expect(segments).toEqual([]);
});

test("the deadline of the drain holds, and a second signal waits no longer", async () => {
  for (const how of ["deadline", "signal"]) {
    await start({ drainMilliseconds: how === "deadline" ? 300 : 60_000 });
    const streams = await openStreams(0.5);
    const stopped = gateway.stop();
    if (how === "signal") {
      await Bun.sleep(200);
      process.kill(gateway.pid, "SIGTERM");
    }
    for (const { answer } of streams) expect((await answer()).text).toContain('"code":"shutting_down"');
    await stopped;
    const { calls, segments } = readLedger(gateway.dataFolder);
    expect([calls.length, segments]).toEqual([2, []]);
    if (how === "deadline") await gateway.dispose();
  }
});

test("SIGTERM to one worker alone ends it in order, and another takes its place", async () => {
  await start({});
  const [own, others] = await openStreams(8);
  process.kill(gateway.first, "SIGTERM");
  for (const one of [own, others]) expect((await one?.answer())?.text).toEndWith("data: [DONE]\n\n");
  await waitFor(() => workersOf(gateway).length === 2 && !isRunning(gateway.first), "another is there");
  await gateway.stop();
});

test("a signal to the whole group drains as one to the supervisor does: the address is kept for the delay", async () => {
  await start({ drainDelayMilliseconds: 1_500 });
  for (const pid of [gateway.first, gateway.second]) process.kill(pid, "SIGTERM");
  const began = performance.now();
  const stopped = gateway.stop();
  while (performance.now() - began < 1_000)
    for (const worker of [gateway.first, gateway.second])
      expect([200, 503]).toContain((await askWorker(gateway, worker, ["/readyz"])).status);
  expect((await askWorker(gateway, gateway.first, ["/readyz"])).status).toBe(503);
  await stopped;
});

test("a port that is taken is refused, also where it is another gateway's with workers", async () => {
  await start({});
  const { port } = new URL(gateway.url);
  const { exitCode, output } = await runProgram([
    "up",
    "--port",
    port,
    "--workers",
    "2",
    "--data",
    join(gateway.dataFolder, "other"),
  ]);
  expect(exitCode).toBe(1);
  expect(output).toContain(`Port ${port} on 127.0.0.1 is in use`);
  await gateway.stop();
});
