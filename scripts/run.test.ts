import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const script = join(import.meta.dirname, "run.mjs");

const start = (program: string, ...flags: readonly string[]) =>
  Bun.spawn(["node", script, ...flags, "-e", program], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });

const waits = (exitCode: number, signal: string): string =>
  `process.on("${signal}", () => process.exit(${exitCode})); setInterval(() => {}, 1000); console.log("ready");`;

const untilReady = async (output: ReadableStream<Uint8Array>): Promise<void> => {
  await output.getReader().read();
};

describe("run.mjs", () => {
  test("brings the exit code back, and adds nothing to the output", async () => {
    const child = start(`console.log("only this"); process.exit(7)`);
    expect(await new Response(child.stdout).text()).toBe("only this\n");
    expect(await new Response(child.stderr).text()).toBe("");
    expect(await child.exited).toBe(7);
  });

  test.each([
    ["SIGTERM", []],
    ["SIGINT", []],
    ["SIGHUP", []],
    ["SIGTERM", ["--service"]],
    ["SIGINT", ["--service"]],
    ["SIGHUP", ["--service"]],
  ] as const)("%s reaches the program, flags %p", async (signal, flags) => {
    const child = start(waits(5, signal), ...flags);
    await untilReady(child.stdout);
    child.kill(signal);
    expect(await child.exited).toBe(5);
  });

  test("a program that dies of a signal looks like that from outside", async () => {
    const child = start(`process.kill(process.pid, "SIGKILL")`);
    await child.exited;
    expect(child.signalCode).toBe("SIGKILL");
  });

  test("the program does not outlive the one who started it", async () => {
    const program = `console.log(process.pid); ${waits(0, "SIGTERM")}`;
    const between = Bun.spawn(["sh", "-c", `node "$0" --service -e "$1"; true`, script, program], {
      stdin: "ignore",
      stdout: "pipe",
    });
    const { value } = await between.stdout.getReader().read();
    const pid = Number.parseInt(new TextDecoder().decode(value), 10);
    between.kill("SIGKILL");
    const isAlive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    expect(isAlive()).toBe(true);
    while (isAlive()) await Bun.sleep(20);
  });
});
