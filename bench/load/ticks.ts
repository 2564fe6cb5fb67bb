import { Worker } from "node:worker_threads";

export interface PacerOrder {
  /** Microseconds on the clock of all. */
  readonly beginsAt: number;
  readonly intervalMicroseconds: number;
  readonly count: number;
}

/** Calls back when each tick of the order is due, some of them at once where they were late. Ends with the last one. */
export const startTicks = (order: PacerOrder, onTick: (tick: number) => void): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const worker = new Worker(new URL("./pacer.ts", import.meta.url), { workerData: order });
  worker.on("message", (tick: number) => {
    onTick(tick);
    if (tick === order.count - 1) resolve();
  });
  worker.on("error", reject);
  return promise;
};
