import { readdirSync, readFileSync } from "node:fs";

/** What the system says of a process at one moment. */
export interface ProcessFigures {
  /** Resident memory. */
  readonly megabytes: number;
  readonly threads: number;
  readonly descriptors: number;
  /** Processor time so far, in seconds. */
  readonly processorSeconds: number;
}

const statusNumber = (status: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? Number.NaN);

/** Linux counts in ticks of a hundredth of a second (`sysconf(_SC_CLK_TCK)`, 100 on every current platform). */
const ticksPerSecond = 100;

/** Reads /proc (Linux). Throws where the process is gone. */
export const readProcess = (pid: number): ProcessFigures => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    megabytes: statusNumber(status, "VmRSS") / 1_024,
    threads: statusNumber(status, "Threads"),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    processorSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
  };
};
