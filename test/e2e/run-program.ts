import { tmpdir } from "node:os";
import { resolve } from "node:path";

const program = resolve(import.meta.dir, "../../src/main.ts");

/** How a run of the program ended that was not to start at all. */
export interface Ended {
  readonly exitCode: number;
  /** Standard output and error. */
  readonly output: string;
}

/** Runs the program to its end; one that goes on for longer than ten seconds is killed, and has then no exit code. */
export const runProgram = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> => {
  const child = Bun.spawn([process.execPath, program, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env["PATH"] ?? "", HOME: tmpdir(), NO_COLOR: "1", ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  const [output, faults] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  clearTimeout(timer);
  return { exitCode: child.exitCode ?? -1, output: `${output}${faults}` };
};
