import { readdirSync, readFileSync } from "node:fs";
import { readProcess } from "../../test/support/process-figures.ts";

/** Processor time of some processes at one moment. */
export interface ProcessorReading {
  /** Nanoseconds of each thread, by process and thread. Empty where the system does not count them. */
  readonly threads: ReadonlyMap<string, number>;
  /** The same for whole processes, threads that ended included, but counted in hundredths of a second. */
  readonly seconds: number;
}

const childrenOf = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8");
      return children.split(" ").filter(Boolean).map(Number);
    } catch {
      // The thread has just ended.
      return [];
    }
  });

/** The given processes and all below them. A process that is gone is left out. */
export const withChildren = (pids: readonly number[]): readonly number[] =>
  pids.flatMap((pid) => {
    try {
      return [pid, ...withChildren(childrenOf(pid))];
    } catch {
      return [];
    }
  });

/** Processor time so far of the processes and all below them, those that have ended included, in seconds. */
export const secondsOfTree = (roots: readonly number[]): number =>
  withChildren(roots).reduce((sum, pid) => {
    try {
      return sum + readProcess(pid).processorSeconds + endedChildrenSeconds(pid);
    } catch {
      return sum;
    }
  }, 0);

/** The system counts in hundredths of a second. */
const ticksPerSecond = 100;

const endedChildrenSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
};

const threadNanoseconds = (pid: number): readonly (readonly [string, number])[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const running = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0];
      return [[`${pid}/${thread}`, Number(running)] as const];
    } catch {
      return [];
    }
  });

/** Reads the processor time so far of the processes and of their children. */
export const readProcessor = (roots: readonly number[]): ProcessorReading => {
  const pids = withChildren(roots);
  return {
    threads: new Map(pids.flatMap(threadNanoseconds)),
    seconds: pids.reduce((sum, pid) => sum + readProcess(pid).processorSeconds, 0),
  };
};

/**
 * Seconds of processor time between two readings. Exact to the nanosecond, unless a thread has ended in between: its
 * time is only in the coarse count then.
 */
export const secondsBetween = (before: ProcessorReading, after: ProcessorReading): number => {
  const hasAll = before.threads.size > 0 && [...before.threads.keys()].every((thread) => after.threads.has(thread));
  if (!hasAll) return after.seconds - before.seconds;
  let nanoseconds = 0;
  for (const [thread, total] of after.threads) nanoseconds += total - (before.threads.get(thread) ?? 0);
  return nanoseconds / 1e9;
};
