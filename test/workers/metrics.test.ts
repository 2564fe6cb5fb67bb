import { afterEach, beforeEach, expect, test } from "bun:test";
import { chat, eventually, hello } from "../e2e/ask.ts";
import { waitFor } from "../streams/wait-for.ts";
import { askWorker } from "./ask-worker.ts";
import { isRunning, workersOf } from "./processes.ts";
import { type RunningWorkers, startWorkers } from "./start-workers.ts";

let gateway: RunningWorkers;
beforeEach(async () => {
  gateway = await startWorkers({ configuration: { discovery: { mock: true } } });
});
afterEach(() => gateway.dispose());

const call = (worker: number) => askWorker(gateway, worker, [chat, { body: hello("mock/mock-echo") }]);
const metricsOf = async (worker: number): Promise<string> => (await askWorker(gateway, worker, ["/metrics"])).text;
const figureOf = (text: string, series: string): number =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`intellirouter_${series} `))
      ?.split(" ")
      .at(-1),
  );
const calls = 'calls_total{operation="chat",route="other",model="mock-echo",outcome="ok"}';
const observed = 'call_duration_seconds_count{operation="chat",route="other"}';

test("either worker shows the sum of both", async () => {
  for (let count = 0; count < 3; count++) await call(gateway.first);
  for (let count = 0; count < 2; count++) await call(gateway.second);
  for (const worker of [gateway.first, gateway.second]) {
    await eventually("all are counted", async () => figureOf(await metricsOf(worker), calls) === 5);
    const text = await metricsOf(worker);
    expect([figureOf(text, calls), figureOf(text, observed), figureOf(text, "in_flight")]).toEqual([5, 5, 0]);
    for (const process of ["worker 1", "worker 2", "supervisor"])
      expect(figureOf(text, `process_resident_memory_bytes{process="${process}"}`)).toBeGreaterThan(10_000_000);
    // Each metric is declared once, as the format wants it.
    const names = text.match(/^# TYPE \S+/gm) ?? [];
    expect(new Set(names).size).toBe(names.length);
  }
});

test("what was seen of a worker's counts outlives it", async () => {
  for (let count = 0; count < 3; count++) await call(gateway.first);
  await eventually("all are counted", async () => figureOf(await metricsOf(gateway.second), calls) === 3);
  process.kill(gateway.first, "SIGKILL");
  await waitFor(() => !isRunning(gateway.first) && workersOf(gateway).length === 2, "another takes its place");
  await call(gateway.second);
  await eventually("the next one adds", async () => figureOf(await metricsOf(gateway.second), calls) === 4);
});

test("a worker that ends in order leaves all of its counts", async () => {
  for (let count = 0; count < 3; count++) await call(gateway.first);
  process.kill(gateway.first, "SIGTERM");
  await waitFor(() => !isRunning(gateway.first), "it has ended");
  expect(figureOf(await metricsOf(gateway.second), calls)).toBe(3);
});
