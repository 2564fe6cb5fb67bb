import { readFileSync } from "node:fs";

/** Busy time of each core so far, in seconds, whoever used it. */
export type CoreReading = readonly number[];

/** The system counts in hundredths of a second. */
const ticksPerSecond = 100;

/** Reads /proc/stat (Linux): all but idle time and waiting for a disk. */
export const readCores = (): CoreReading =>
  readFileSync("/proc/stat", "utf8")
    .split("\n")
    .filter((line) => /^cpu\d/.test(line))
    .map((line) => {
      const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0, stolen = 0] = line
        .split(" ")
        .slice(1)
        .map(Number);
      return (user + nice + system + interrupts + softInterrupts + stolen) / ticksPerSecond;
    });

/** Seconds that all cores together were busy between two readings. */
export const busyBetween = (before: CoreReading, after: CoreReading): number =>
  after.reduce((sum, busy, core) => sum + busy - (before[core] ?? 0), 0);
