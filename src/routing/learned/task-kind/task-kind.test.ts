import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, property, string } from "fast-check";
import { featuresOf } from "../features/features-of.ts";
import { type Complexity, complexities, type TaskKind, taskKinds } from "./classification.ts";
import { openTaskClassifier } from "./classify.ts";
import { parseTaskKindModel, writeTaskKindModel } from "./task-kind-model.ts";

const shipped = readFileSync(join(import.meta.dirname, "../../../../data/routing/task-kind.json"), "utf8");
const classify = openTaskClassifier(() => shipped);
const kindOf = (prompt: string): TaskKind => classify(featuresOf(prompt)).taskKind;

describe("the shipped classifier", () => {
  // Written here, in none of the data sets.
  const cases: readonly (readonly [prompt: string, kind: TaskKind])[] = [
    ["A train leaves with 120 people. At each of 4 stops 15 get off and 6 get on. How many people are left?", "math"],
    ["Find the sum of all integers $n$ such that $n^2 - 5n + 6 = 0$.", "math"],
    ["Write a python function to find the second largest element of a list of tuples.", "code"],
    ["who sang the theme song of the first james bond film", "knowledge"],
    ["Which painter, born in Málaga in 1881, was a founder of Cubism?", "knowledge"],
    ["Which of these happens to the energy of sunlight when a plant uses it to make food?", "science"],
    ["", "other"],
    ["法国的首都是哪里？", "other"],
    ["asdfkj qwoeiru zxmcnv hgjqq", "other"],
  ];
  for (const [prompt, kind] of cases) test(`${prompt.slice(0, 50)} → ${kind}`, () => expect(kindOf(prompt)).toBe(kind));

  test("tells hard from easy more often than not", () => {
    const easy = "Tom has 3 apples and buys 4 more. How many apples does Tom have now?";
    const hard =
      "A ketone is treated with excess methylmagnesium bromide, the product is dehydrated with acid, and ozonolysis of the " +
      "major alkene gives two compounds. How many signals does the proton NMR spectrum of the heavier compound show?";
    const found = [easy, hard].map((prompt): Complexity => classify(featuresOf(prompt)).complexity);
    expect(found).toEqual(["simple", "complex"]);
  });

  test("says something of everything", () => {
    assert(
      property(string({ unit: "binary", maxLength: 300 }), (prompt) => {
        const found = classify(featuresOf(prompt));
        expect(taskKinds).toContain(found.taskKind);
        expect(complexities).toContain(found.complexity);
        for (const confidence of [found.taskConfidence, found.complexityConfidence]) {
          expect(confidence).toBeGreaterThan(0);
          expect(confidence).toBeLessThanOrEqual(1);
        }
      }),
      { seed: 41, numRuns: 200 },
    );
  });

  test("is read once, at the first prompt", () => {
    let reads = 0;
    const counting = openTaskClassifier(() => {
      reads += 1;
      return shipped;
    });
    expect(reads).toBe(0);
    counting(featuresOf("a"));
    counting(featuresOf("b"));
    expect(reads).toBe(1);
  });
});

describe("the classifier's file", () => {
  test("is small, and comes out of its reading as it went in", () => {
    expect(shipped.length).toBeLessThan(300_000);
    expect(writeTaskKindModel(parseTaskKindModel(shipped))).toBe(shipped);
  });

  const file = JSON.parse(shipped);
  const broken: readonly (readonly [what: string, text: string])[] = [
    ["no JSON", "{"],
    ["another file", '{"version":1}'],
    ["another version", JSON.stringify({ ...file, version: 2 })],
    ["another feature space", JSON.stringify({ ...file, features: 99 })],
    ["weights cut short", JSON.stringify({ ...file, taskKind: { ...file.taskKind, weights: "AAAA" } })],
    ["weights that are none", JSON.stringify({ ...file, complexity: { ...file.complexity, weights: "***" } })],
    ["a class missing", JSON.stringify({ ...file, complexity: { ...file.complexity, shares: [1] } })],
    ["words cut short", JSON.stringify({ ...file, seen: "" })],
  ];
  for (const [what, text] of broken)
    test(`${what} is refused`, () => expect(() => parseTaskKindModel(text)).toThrow("Train it again"));
});
