import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { administer } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

const page = join(import.meta.dirname, "../../docs/audit.md");
const verifier = /```python\n([\s\S]*?)```/.exec(readFileSync(page, "utf8"))?.[1] ?? "";
const python = Bun.which("python3");

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({ configuration: {} });
});
afterAll(() => gateway.dispose());

const run = async (input: string): Promise<{ code: number; output: string }> => {
  const child = Bun.spawn([python ?? "", "-c", verifier], {
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
    env: { PYTHONIOENCODING: "utf-8", PYTHONUTF8: "1" },
  });
  const output = (await child.stdout.text()) + (await child.stderr.text());
  return { code: await child.exited, output };
};

test.skipIf(python === null)("who has only the page on the audit log can verify an export", async () => {
  const names = ['"quoted" \\ back/slash', "Größe 😀 \u2028\u2029", "\ud800 half", "<&>\u007f", "tab\\t"];
  for (const name of names) await administer(gateway, "/keys", { body: { name } });
  const body = { kind: "openai-compatible", baseUrl: "http://127.0.0.1:9/v1", enabled: false };
  await administer(gateway, "/providers/lab", { method: "PUT", body });
  const facts = { contextTokens: 8, price: { input: 1e-7, output: 0.1 } };
  expect((await administer(gateway, "/models/lab/größe", { method: "PUT", body: { facts } })).status).toBe(200);
  const { output } = await runProgram(["audit", "export", "--data", gateway.dataFolder]);
  const lines = output.trim().split("\n");
  const last = JSON.parse(lines.at(-1) ?? "");
  expect(last.sequence).toBe(lines.length);
  expect(lines.length).toBeGreaterThan(6);
  expect(await run(output)).toEqual({ code: 0, output: `${lines.length} rows hold, the last with ${last.hash}\n` });
  for (const [from, to] of [
    ['"actor":"local"', '"actor":"other"'],
    ['"outcome":"ok"', '"outcome":"no"'],
  ] as const) {
    const { code, output: said } = await run(output.replace(from, to));
    expect(code).toBe(1);
    expect(said).toContain("broken at row");
  }
});
