import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, release, totalmem } from "node:os";

/** The core of what is measured, and the core of everything around it. */
export const cores = { subject: 0, others: 1 } as const;

const canPin = Bun.which("taskset") !== null && availableParallelism() > 1;

/** A command that runs on one core; unchanged where there is no `taskset` or only one core. */
export const pinned = (core: keyof typeof cores, command: readonly string[]): readonly string[] =>
  canPin ? ["taskset", "-c", String(cores[core]), ...command] : command;

const versionOf = (command: readonly string[]): string | undefined => {
  if (Bun.which(command[0] ?? "") === null) return undefined;
  const { stdout, stderr } = Bun.spawnSync([...command]);
  return /\d+\.\d+[\w.]*/.exec(stdout.toString() + stderr.toString())?.[0];
};

const commit = (): string => {
  const { stdout } = Bun.spawnSync(["git", "rev-parse", "--short", "HEAD"], { cwd: import.meta.dir, stderr: "ignore" });
  return stdout.toString().trim() || "unknown";
};

/** What a figure depends on beside the program. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly isPinned: boolean;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly bun: string;
  readonly nginx: string | null;
  readonly commit: string;
  /** Runnable processes on average over the last minute before the run: others who used the machine. */
  readonly loadBefore: number;
}

export const describeMachine = (): Machine => ({
  processor: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  isPinned: canPin,
  memoryGigabytes: Math.round(totalmem() / 1e9),
  system: `${process.platform} ${release()} ${arch()}`,
  bun: Bun.version,
  nginx: versionOf(["nginx", "-v"]) ?? null,
  commit: commit(),
  loadBefore: Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]),
});
