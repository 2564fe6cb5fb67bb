import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runFaked } from "../../testing.ts";

const line = (policy: string) => ({
  policy,
  quality: { value: 0.81234, lower: 0.7, upper: 0.9 },
  costUsd: { value: 0.002, lower: 0.0019, upper: 0.0021 },
  latencyMilliseconds: null,
  agreement: 0.25,
  effectiveCalls: 41.4,
});
const report = {
  ...{ route: "smart", calls: 10_000, complete: false, judged: 1_200, leftOut: 0 },
  ...{ policy: line("λ = 40"), today: line("today"), bestConstant: line("a/b"), zeroRouter: null },
  lifts: [{ over: "today", quality: { value: -0.01, lower: -0.02, upper: 0.005 }, costUsd: null }],
  notes: ["Few calls."],
};
const answers = { "GET /admin/v1/decisions/backtest": report };
const run = (...more: readonly string[]) => runFaked(["router", "backtest", ...more], { answers });

test("a policy is judged, with intervals and what to bear in mind", async () => {
  const { stdout } = await run("--route", "smart", "--lambda", "40");
  for (const part of [
    /judged\s+λ = 40\s+81\.2 % \(70 % to 90 %\)\s+\$0\.0020 \(\$0\.0019 to \$0\.0021\)\s+–\s+25 %\s+41/,
    /best single\s+a\/b/,
    "10,000 calls, the newest, 1,200 of them judged.",
    "Against today: −1 % (−2 % to +0.5 %) good, – per call.",
    "Few calls.",
  ])
    expect(stdout).toMatch(part);
  expect(stdout).not.toContain("zero router");
});

test("a policy may stand in a file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "policies-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const told = async (path: string) => (await run("--route", "smart", "--policy", path, "--json")).exitCode;
  expect(await told(file("constant.json", '{"constant": "a/b"}'))).toBe(0);
  expect(await told(file("lambda.json", '{"lambda": 0.5}'))).toBe(0);
  for (const [place, text] of [
    "",
    "{}",
    '{"lambda": -1}',
    '{"lambda": 1, "constant": "a/b"}',
    "\u0000\u0001",
  ].entries())
    expect(await told(file(`bad-${place}`, text))).toBe(1);
  expect(await told(join(folder, "nothing"))).toBe(1);
  rmSync(folder, { recursive: true });
});

test("a model file is judged by this machine's own calls, at a price or a promise", async () => {
  const folder = mkdtempSync(join(tmpdir(), "policies-"));
  const file = join(folder, "router.model");
  writeFileSync(file, "IRLEARN\nand more");
  const asked: unknown[] = [];
  const judge = (...flags: readonly string[]) =>
    runFaked(["router", "backtest", "--route", "smart", "--policy", file, ...flags], {
      roles: {
        backtestModel: async ({ aim, query }) => {
          asked.push([aim, query.route]);
          return report;
        },
      },
    });
  expect((await judge()).stdout).toContain("10,000 calls");
  expect((await judge("--keep", "0.95")).requests).toEqual([]);
  await judge("--lambda", "40");
  expect(asked).toEqual([
    [{ keep: 0.99 }, "smart"],
    [{ keep: 0.95 }, "smart"],
    [{ lambda: 40 }, "smart"],
  ]);
  const url = ["--url", "http://127.0.0.1:1"];
  for (const flags of [["--keep", "2"], ["--keep", "0.9", "--lambda", "1"], ["--constant", "a/b"], url])
    expect((await judge(...flags)).exitCode, flags.join(" ")).toBe(2);
  rmSync(folder, { recursive: true });
});

test.each([
  ["--lambda", "1"],
  ["--route", "smart"],
  ["--route", "smart", "--lambda", "1", "--constant", "a/b"],
  ["--route", "smart", "--lambda", "1", "--keep", "0.9"],
  ["--route", "smart", "--lambda", "many"],
  ["--route", "smart", "--lambda", "-1"],
  ["--route", "smart", "--lambda", "1", "--since", "then"],
])("%s is wrong usage", async (...flags) => expect((await run(...(flags as string[]))).exitCode).toBe(2));
