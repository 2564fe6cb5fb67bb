import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../test/support/make-call.ts";
import type { ModelFacts, ModelSpeed, QualityTier } from "./model.ts";
import { qualityOf, speedOf } from "./model-quality.ts";

const facts = (output: number, releaseDate: string, more: ModelFacts = {}): ModelFacts => ({
  price: { input: output / 4, output },
  releaseDate,
  ...more,
});

describe("qualityOf and speedOf", () => {
  const cases: readonly (readonly [string, ModelFacts, QualityTier, ModelSpeed])[] = [
    ["openai/gpt-3.5-turbo", facts(1.5, "2023-03-01"), "basic", "medium"],
    ["openai/gpt-4.1-mini", facts(1.6, "2025-04-14"), "good", "fast"],
    ["openai/gpt-4.1", facts(8, "2025-04-14"), "high", "medium"],
    ["anthropic/claude-opus-4-8", facts(25, "2026-05-28", { reasoning: true }), "exceptional", "slow"],
    ["anthropic/claude-haiku-4-5", facts(5, "2025-10-15", { reasoning: true }), "high", "fast"],
    ["groq/llama-3.1-8b-instant", facts(0.08, "2024-07-23"), "basic", "fast"],
    ["ollama/qwen3:32b", {}, "good", "medium"],
    ["ollama/llama3.2:3b", {}, "basic", "fast"],
    ["own/unknown", {}, "good", "medium"],
    ["own/stated", { qualityTier: "exceptional", speed: "slow" }, "exceptional", "slow"],
  ];
  for (const [id, known, tier, speed] of cases)
    test(`${id} is ${tier} and ${speed}`, () => {
      const target = makeTarget(id, known);
      expect([qualityOf(target).tier, speedOf(target)]).toEqual([tier, speed]);
      expect(qualityOf(target).source).toBe(known.qualityTier === undefined ? "reckoned" : "stated");
    });

  test("a score stays within 0 and 1 whatever the facts", () => {
    for (const output of [0, 1e-9, 1, 600, 1e9])
      for (const date of ["", "1990-01-01", "2090-01-01", "soon"])
        for (const reasoning of [true, false]) {
          const { score } = qualityOf(makeTarget("a/mini-1b", facts(output, date, { reasoning })));
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
  });
});
