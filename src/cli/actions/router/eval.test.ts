import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { LabelledRow } from "../../../routing/learned/dataset.ts";
import { encodeModel } from "../../../routing/learned/model-file/encode-model.ts";
import { trainRouter } from "../../../routing/learned/train.ts";
import { trainingRowOf } from "../../../routing/learned/training-row.ts";
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

/** Questions of two kinds: the small model fails at those about dragons, the large one at none. */
const question = (index: number): LabelledRow => {
  const isHard = index % 2 === 1;
  const prompt = isHard ? `Which dragon guards the cave number ${index}?` : `How much is ${index} plus ${index * 7}?`;
  const q = { small: isHard ? 0 : 1, large: 1 };
  return {
    ...row(`q${index}`, 0),
    task: "",
    prompt,
    q,
    ans: { small: isHard ? "none" : String(index * 8), large: String(index * 8) },
  };
};
const questions = Array.from({ length: 400 }, (_, index) => question(index));
const trained = file("router.model", encodeModel(trainRouter(questions.slice(0, 300).map(trainingRowOf))));
const unseen = file("unseen.jsonl", lines(...questions.slice(300)));

describe("router eval", () => {
  test("judges a trained model on rows that it did not see", async () => {
    const { stdout } = await runFaked([
      "router",
      "eval",
      "--model",
      trained,
      "--data",
      unseen,
      "--keep",
      "0.95",
      "--json",
    ]);
    const { policy, bestChosenOn, baselines, pair, microseconds } = JSON.parse(stdout);
    expect([bestChosenOn, baselines.best.model, microseconds.p99 > 0]).toEqual(["other rows", "large", true]);
    expect(policy.kept.value).toBeGreaterThanOrEqual(0.95);
    // Half of the questions can go to the small model, at a quarter of the price: 0.375 at most without a loss.
    expect(policy.saved.value).toBeGreaterThan(0.3);
    expect(pair.apgr.value).toBeGreaterThan(0.7);
  });

  test("lets a model ask twice, and charges both", async () => {
    const flags = ["--model", trained, "--data", unseen, "--lambda", "0", "--json"];
    const [singles, cascades] = await Promise.all(
      [flags, [...flags, "--cascades"]].map(async (one) =>
        JSON.parse((await runFaked(["router", "eval", ...one])).stdout),
      ),
    );
    expect(singles.policy).toMatchObject({ callsPerQuery: 1, kinds: { single: 1 } });
    expect(cascades.policy.callsPerQuery).toBeGreaterThanOrEqual(1);
  });

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
    ["neither model nor predictions", ["--data", data], 2, "Give either --model"],
    ["both", ["--data", data, "--predictions", predictions, "--model", data], 2, "Give either --model"],
    ["a foreign model file", ["--data", data, "--model", data], 1, "a.jsonl"],
    ["no model file", ["--data", data, "--model", join(folder, "gone")], 1, "gone"],
    ["two aims", ["--data", data, "--model", trained, "--keep", "1", "--lambda", "2"], 2, "exclude each other"],
    ["more than all to keep", ["--data", data, "--model", trained, "--keep", "1.1"], 2, "--keep takes"],
    ["a model that it does not know", ["--data", data, "--model", trained, "--models", "x"], 1, "knows nothing of 'x'"],
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
