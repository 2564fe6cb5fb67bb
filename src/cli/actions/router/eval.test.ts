import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { runFaked } from "../../testing.ts";

const folder = mkdtempSync(join(tmpdir(), "intellirouter-eval-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const lines = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const row = (id: string, small: number) => ({
  id,
  prompt: "é",
  q: { small, large: 1 },
  c: { small: 1e-4, large: 4e-4 },
});
const prediction = (id: string, answer: string) => ({
  id,
  quality: { small: answer === "small" ? 0.9 : 0.1, large: 0.9 },
  cost: { small: 1e-4, large: 4e-4 },
  action: { kind: "single", models: [answer], answer },
});

const data = file("a.jsonl", lines(row("a", 1)));
const zipped = file("b.jsonl.gz", gzipSync(lines(row("b", 0))));
const predictions = file("predicted.jsonl", lines(prediction("a", "small"), prediction("b", "large")));

describe("router eval", () => {
  for (const files of [
    ["--data", data, "--data", zipped],
    ["--data", data, zipped],
  ])
    test(`reads ${files.length === 4 ? "repeated" : "listed"} files, gzipped or not, and judges`, async () => {
      const { stdout, exitCode } = await runFaked(["router", "eval", ...files, "--predictions", predictions, "--json"]);
      expect(exitCode).toBe(0);
      const { policy, baselines, rows } = JSON.parse(stdout);
      expect([rows, policy.quality.value, policy.kept.value, baselines.best.model]).toEqual([2, 1, 1, "large"]);
      expect(policy.saved.value).toBeCloseTo(1 - 2.5 / 4, 9);
    });

  test("shows a table to people", async () => {
    const { stdout } = await runFaked(["router", "eval", "--data", data, zipped, "--predictions", predictions]);
    expect(stdout).toContain("best: large");
    expect(stdout).toMatch(/router +100\.0 % .*100\.0 % +37\.5 %/);
    expect(stdout).toContain("zero router");
  });

  const cases: readonly (readonly [string, readonly string[], number, string])[] = [
    ["no data", ["--predictions", predictions], 2, "--data is missing"],
    ["no predictions", ["--data", data], 2, "--predictions is missing"],
    ["half a sample", ["--data", data, "--predictions", predictions, "--resamples", "0.5"], 2, "--resamples takes"],
    ["no such file", ["--data", join(folder, "gone"), "--predictions", predictions], 1, "gone"],
    ["a broken archive", ["--data", file("c.jsonl.gz", "not gzip"), "--predictions", predictions], 1, "c.jsonl.gz"],
    ["bytes that are no text", ["--data", file("d", new Uint8Array([255])), "--predictions", predictions], 1, "/d'"],
    ["a prediction that is none", ["--data", data, "--predictions", data], 1, "line 1: 'quality' must be"],
    ["rows without prediction", ["--data", file("e", lines(row("z", 1))), "--predictions", predictions], 1, "Row 'z'"],
  ];
  for (const [name, flags, exitCode, message] of cases)
    test(`${name}: ${message}`, async () => {
      const outcome = await runFaked(["router", "eval", ...flags]);
      expect(outcome.exitCode).toBe(exitCode);
      expect(outcome.stderr).toContain(message);
    });
});
