import { expect, test } from "bun:test";
import { factCoefficients, type ModelFacts, priorOf } from "./prior-of.ts";

const may2024 = Date.parse("2024-05-15");
const of = (facts: ModelFacts): number => priorOf(facts).logit;

test("newer and dearer models are expected to be better", () => {
  expect(of({ outputUsdPerMillion: 10, releasedAt: may2024 })).toBeGreaterThan(
    of({ outputUsdPerMillion: 0.2, releasedAt: may2024 }),
  );
  expect(of({ outputUsdPerMillion: 1, releasedAt: Date.parse("2025-05-15") })).toBeGreaterThan(
    of({ outputUsdPerMillion: 1, releasedAt: may2024 }),
  );
});

test("what is not known counts as usual, and makes the prior less certain", () => {
  const known = priorOf({ outputUsdPerMillion: 1, releasedAt: may2024 });
  const unknown = priorOf({});
  expect(unknown.logit).toBe(factCoefficients.level);
  expect(unknown.variance).toBeGreaterThan(known.variance);
});

test("dates far from those learned from, and free models, stay within bounds", () => {
  for (const facts of [{ releasedAt: Date.parse("2040-01-01") }, { releasedAt: 0 }, { outputUsdPerMillion: 0 }])
    expect(Math.abs(of(facts))).toBeLessThan(4);
});
