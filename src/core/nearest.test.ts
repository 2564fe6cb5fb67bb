import { describe, expect, test } from "bun:test";
import { nearest } from "./nearest.ts";

const keys = ["targets", "strategy", "timeouts", "retries"];
const models = ["gpt-4o", "gpt-4o-mini", "claude-opus-4", "llama-3.1-8b", "llama-3.1-70b"];

const cases: readonly [name: string, candidates: readonly string[], limit: number, expected: string[]][] = [
  ["stratgy", keys, 1, ["strategy"]],
  ["startegy", keys, 1, ["strategy"]],
  ["strategies", keys, 1, ["strategy"]],
  ["api_key", ["apiKey", "baseUrl"], 1, ["apiKey"]],
  ["BASE-URL", ["apiKey", "baseUrl"], 1, ["baseUrl"]],
  ["gpt-4o-mni", models, 1, ["gpt-4o-mini"]],
  ["gpt4o", models, 1, ["gpt-4o"]],
  ["llama-3.1", models, 2, ["llama-3.1-8b", "llama-3.1-70b"]],
  ["gpt-4o", models, 2, ["gpt-4o", "gpt-4o-mini"]],
  ["xyzzy", keys, 3, []],
  ["", keys, 1, []],
  ["ab", ["cd"], 1, []],
  ["strategy", [], 1, []],
  ["a".repeat(10_000), ["a".repeat(10_000)], 1, []],
];

describe("nearest", () => {
  for (const [name, candidates, limit, expected] of cases)
    test(`${name.slice(0, 20) || "an empty name"} → ${expected.join(", ") || "nothing"}`, () => {
      expect(nearest(name, candidates, limit)).toEqual(expected);
    });

  test("takes any iterable, and equal ranks come in alphabetical order", () => {
    expect(nearest("roude", new Set(["route", "rouse"]), 2)).toEqual(["rouse", "route"]);
  });
});
