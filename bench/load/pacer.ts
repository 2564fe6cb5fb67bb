import { parentPort, workerData } from "node:worker_threads";
import { nowMicroseconds } from "../system/clock.ts";
import type { PacerOrder } from "./ticks.ts";

// A thread that only waits: the event loop's timers come a millisecond late, this wait some 60 µs.

const { beginsAt, intervalMicroseconds, count } = workerData as PacerOrder;
const cell = new Int32Array(new SharedArrayBuffer(4));
for (let tick = 0; tick < count; tick++) {
  const left = beginsAt + tick * intervalMicroseconds - nowMicroseconds();
  if (left > 0) Atomics.wait(cell, 0, 0, left / 1_000);
  parentPort?.postMessage(tick);
}
