import { busyBetween, readCores } from "./core-use.ts";
import { secondsOfTree } from "./processor-time.ts";

/** Begins to watch the machine. Gives what tells the part of it that other programs have used since. */
export const watchOthers = (): (() => number) => {
  const began = performance.now();
  const cores = readCores();
  const own = secondsOfTree([process.pid]);
  return () => {
    const now = readCores();
    const others = busyBetween(cores, now) - (secondsOfTree([process.pid]) - own);
    return Math.max(0, others / ((performance.now() - began) / 1_000) / now.length);
  };
};
