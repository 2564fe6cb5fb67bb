import { Worker } from "node:worker_threads";

export interface PacerOrder {
  /** Microseconds on the clock of all. */
  readonly beginsAt: number;
  readonly intervalMicroseconds: number;
  readonly count: number;
}

/** Calls back when each tick of the order is due; several at once where they were late. Gives what stops it. */
export const startTicks = (order: PacerOrder, onTick: (tick: number) => void): (() => void) => {
  const worker = new Worker(new URL("./pacer.ts", import.meta.url), { workerData: order });
  worker.on("message", onTick);
  worker.on("error", (error) => {
    throw error;
  });
  return () => {
    worker.off("message", onTick);
    void worker.terminate();
  };
};
