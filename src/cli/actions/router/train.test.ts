import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { LabelledRow } from "../../../routing/learned/dataset.ts";
import { plantedRows } from "../../../routing/learned/planted-rows.ts";
import type { ReasonedPrediction } from "../../../routing/learned/predict-row.ts";
import { runFaked } from "../../testing.ts";

const folder = mkdtempSync(join(tmpdir(), "intellirouter-train-"));
afterAll(() => rmSync(folder, { recursive: true }));
const place = (name: string): string => join(folder, name);
const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const file = (name: string, rows: readonly object[]): string => {
  writeFileSync(place(name), name.endsWith(".gz") ? gzipSync(lines(rows)) : lines(rows));
  return place(name);
};

const first = file("first.jsonl", plantedRows(300, 1));
const second = file("second.jsonl.gz", plantedRows(300, 2));
const unseen = plantedRows(200, 3);
const rows = file("unseen.jsonl", unseen);
/** The same rows with other labels: a prediction that does not change has not read them. */
const mislabelled = file(
  "mislabelled.jsonl",
  unseen.map(
    (row): LabelledRow => ({ ...row, q: { small: 0, large: 0, noise: 1 }, c: { small: 9, large: 9, noise: 9 } }),
  ),
);
const model = place("router.model");
const trained = await runFaked(["router", "train", "--data", first, second, "--out", model, "--json"]);

const predict = async (data: string, ...flags: readonly string[]): Promise<readonly ReasonedPrediction[]> => {
  const out = place("predicted.jsonl");
  const outcome = await runFaked(["router", "predict", "--model", model, "--data", data, "--out", out, ...flags]);
  expect([outcome.exitCode, outcome.stderr]).toEqual([0, `200 rows: ${out}.\n`]);
  return readFileSync(out, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ReasonedPrediction);
};

describe("router train", () => {
  test("writes a model file, and reports", () => {
    const report = JSON.parse(trained.stdout);
    expect(report).toMatchObject({ rows: 600, best: "large", out: model });
    expect(report.models.map((one: { model: string }) => one.model)).toEqual(["large", "noise", "small"]);
    const small = report.models[2];
    expect(small.brier).toBeLessThan(0.8 * small.constantBrier);
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("shows people what is promised", async () => {
    const flags = ["--data", first, "--out", place("two.model"), "--models", "small,large"];
    const { stdout, exitCode } = await runFaked(["router", "train", ...flags]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Against the best model, large");
    expect(stdout).toMatch(/singles +95\.0 %/);
    expect(stdout).not.toContain("noise");
  });
});

describe("router predict", () => {
  test("one line for each row, in their order, with all that is asked of it", async () => {
    const predictions = await predict(rows, "--keep", "0.95");
    expect(predictions.map(({ id }) => id)).toEqual(unseen.map(({ id }) => id));
    for (const { quality, cost, action, reason, microseconds } of predictions) {
      expect(Object.keys(quality)).toEqual(["large", "noise", "small"]);
      expect(Object.keys(cost)).toEqual(["large", "noise", "small"]);
      expect(action.models).toEqual([action.answer]);
      expect(reason).toContain("expected at least");
      expect(microseconds).toBeGreaterThan(0);
    }
  });

  test.each([
    ["--keep", "0.95"],
    ["--lambda", "20"],
    ["--cascades", "--keep=0.95"],
  ] as const)("%s %s: labels change nothing", async (one, other) => {
    const bare = ({ id, quality, cost, action }: ReasonedPrediction) => ({ id, quality, cost, action });
    expect((await predict(mislabelled, one, other)).map(bare)).toEqual((await predict(rows, one, other)).map(bare));
  });

  test("rows may have a prompt alone, and candidates may be some of the models", async () => {
    const plain = file(
      "plain.jsonl",
      unseen.map(({ id, prompt }) => ({ id, prompt })),
    );
    for (const { action, quality } of await predict(plain, "--cascades", "--models", "small,noise")) {
      expect(action.kind).toBe("single");
      expect(Object.keys(quality)).toEqual(["small", "noise"]);
    }
  });

  const cases: readonly (readonly [string, readonly string[], number, string])[] = [
    ["no model", ["--data", rows, "--out", place("x")], 2, "--model is missing"],
    ["no output", ["--data", rows, "--model", model], 2, "--out is missing"],
    ["two aims", ["--data", rows, "--model", model, "--out", place("x"), "--keep", "1", "--lambda", "1"], 2, "exclude"],
    ["more than all", ["--data", rows, "--model", model, "--out", place("x"), "--keep", "2"], 2, "--keep takes"],
    ["a foreign file", ["--data", rows, "--model", rows, "--out", place("x")], 1, "not a model file"],
    ["no such file", ["--data", rows, "--model", place("gone"), "--out", place("x")], 1, "Cannot read"],
    ["an unknown model", ["--data", rows, "--model", model, "--out", place("x"), "--models", "y"], 1, "nothing of 'y'"],
    ["a folder that is not there", ["--data", rows, "--model", model, "--out", place("a/b")], 1, "Cannot write"],
  ];
  test.each(cases)("%s", async (_, flags, exitCode, message) => {
    const outcome = await runFaked(["router", "predict", ...flags]);
    expect([outcome.exitCode, outcome.stderr.includes(message) ? message : outcome.stderr]).toEqual([
      exitCode,
      message,
    ]);
  });
});
