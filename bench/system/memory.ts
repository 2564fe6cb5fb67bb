import { readFileSync } from "node:fs";
import { withChildren } from "./processor-time.ts";

/** Memory of a program, all its processes together, in megabytes (10^6 bytes). */
export interface MemoryFigures {
  /** Resident; what its processes share with each other counts once. That of one process alone is its RSS. */
  readonly resident: number;
  /** Proportional: what is shared with any process of the machine counts in parts. */
  readonly proportional: number;
  readonly processes: number;
}

/** One mapping of a process, as /proc/<pid>/smaps has it. */
interface Mapping {
  /** The file and the place in it; absent for memory without a file, which processes do not share. */
  readonly file: string | undefined;
  readonly kilobytes: number;
}

const kilobytesOf = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);

export const readMappings = (smaps: string): readonly Mapping[] =>
  smaps
    .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .filter((text) => text !== "")
    .map((text) => {
      const [, , offset = "", , inode = "0", path = ""] = (text.split("\n")[0] ?? "").split(/\s+/);
      return { file: inode === "0" ? undefined : `${path} ${offset}`, kilobytes: kilobytesOf(text, "Rss") };
    });

const megabytes = (kilobytes: number): number => (kilobytes * 1_024) / 1e6;

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** Mappings of several processes: of the same part of a file, the largest counts. */
export const residentKilobytes = (mappings: readonly Mapping[]): number => {
  const files = new Map<string, number>();
  let own = 0;
  for (const { file, kilobytes } of mappings)
    if (file === undefined) own += kilobytes;
    else files.set(file, Math.max(files.get(file) ?? 0, kilobytes));
  return own + sum(files.values());
};

/** Reads /proc (Linux). Processes that are gone count nothing. */
export const readMemory = (roots: readonly number[]): MemoryFigures => {
  const pids = withChildren(roots);
  const mapped: Mapping[] = [];
  let proportional = 0;
  for (const pid of pids)
    try {
      mapped.push(...readMappings(readFileSync(`/proc/${pid}/smaps`, "utf8")));
      proportional += kilobytesOf(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"), "Pss");
    } catch {
      // It has just ended.
    }
  return {
    resident: megabytes(residentKilobytes(mapped)),
    proportional: megabytes(proportional),
    processes: pids.length,
  };
};

const sampleMilliseconds = 1_000;

/** The larger of two, figure by figure. */
const larger = (a: MemoryFigures, b: MemoryFigures): MemoryFigures => ({
  resident: Math.max(a.resident, b.resident),
  proportional: Math.max(a.proportional, b.proportional),
  processes: Math.max(a.processes, b.processes),
});

/** The most that processes use while something goes on. */
export const peakDuring = async (pids: readonly number[], work: Promise<unknown>): Promise<MemoryFigures> => {
  let peak = readMemory(pids);
  const sampler = setInterval(() => {
    peak = larger(peak, readMemory(pids));
  }, sampleMilliseconds);
  try {
    await work;
  } finally {
    clearInterval(sampler);
  }
  return larger(peak, readMemory(pids));
};
