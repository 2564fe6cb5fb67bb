import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { startGateway } from "../support/start-gateway.ts";

const program = resolve(import.meta.dir, "../../src/main.ts");
const configuration = { providers: { mock: { kind: "mock" } } };

interface Report {
  readonly ok: boolean;
  readonly figures: { readonly calls: number; readonly interruptedCalls: number; readonly unpricedAttempts: number };
  readonly differences: readonly object[];
}

/** Runs the command in a process of its own. */
const verify = async (dataFolder: string): Promise<Report & { readonly exitCode: number }> => {
  const child = Bun.spawn([process.execPath, program, "ledger", "verify", "--json", "--data", dataFolder], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const report = (await new Response(child.stdout).json()) as Report;
  return { ...report, exitCode: await child.exited };
};

test("ledger verify finds no difference beside a busy gateway, after its death and after its restart", async () => {
  const gateway = await startGateway({ configuration });
  let isOver = false;
  const ask = async (): Promise<void> => {
    while (!isOver)
      await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer local-${gateway.localToken}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "mock/mock-fast", messages: [{ role: "user", content: "Hello" }], stream: true }),
      })
        .then((response) => response.text())
        .catch(() => "");
  };
  const clients = Array.from({ length: 4 }, ask);
  try {
    const running: Report[] = [];
    while (running.length < 4 || (running.at(-1)?.figures.calls ?? 0) < 20) {
      const report = await verify(gateway.dataFolder);
      expect(report.differences).toEqual([]);
      expect(report.exitCode).toBe(0);
      running.push(report);
    }
    const counts = running.map(({ figures }) => figures.calls);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    await gateway.kill("SIGKILL");
    isOver = true;
    const dead = await verify(gateway.dataFolder);
    expect(dead.differences).toEqual([]);
    const next = await startGateway({ configuration, dataFolder: gateway.dataFolder });
    await next.stop();
    const after = await verify(gateway.dataFolder);
    expect(after.differences).toEqual([]);
    expect(after.figures.calls - after.figures.interruptedCalls).toBe(dead.figures.calls);
  } finally {
    isOver = true;
    await Promise.all(clients);
    await gateway.dispose();
  }
}, 60_000);
