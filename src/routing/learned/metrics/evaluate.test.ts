import { describe, expect, test } from "bun:test";
import type { LabelledRow } from "../dataset.ts";
import type { RowPrediction } from "../prediction.ts";
import { baselinesOf } from "./baselines.ts";
import { evaluate } from "./evaluate.ts";
import { outcomeTable } from "./outcome-table.ts";

const labelled = (id: string, q: Record<string, number>): LabelledRow => ({
  id,
  task: "t",
  prompt: "p",
  q,
  c: { small: 1, large: 4 },
});
const rows = [
  labelled("a", { small: 1, large: 1 }),
  labelled("b", { small: 0, large: 1 }),
  labelled("c", { small: 1, large: 0 }),
  labelled("d", { small: 0, large: 1 }),
];
const predicted = (id: string, small: number, models: readonly string[]): RowPrediction => ({
  id,
  quality: { small, large: 0.75 },
  cost: { small: 1, large: 4 },
  action: { kind: models.length === 1 ? "single" : "cascade", models, answer: models.at(-1) ?? "" },
  microseconds: 10 * models.length,
});
const predictions = [
  predicted("d", 0.25, ["large"]),
  predicted("c", 0.7, ["small"]),
  predicted("b", 0.25, ["small", "large"]),
  predicted("a", 0.7, ["small"]),
];

describe("an evaluation by hand", () => {
  const evaluation = evaluate(rows, predictions, { resamples: 50 });

  test("the policy: what was answered and what was paid, cascades in full", () => {
    const { policy } = evaluation;
    // All four right; 1 + 5 + 1 + 4 paid for four queries.
    expect([policy.quality.value, policy.cost.value]).toEqual([1, 11 / 4]);
    expect([policy.kept.value, policy.saved.value]).toEqual([1 / 0.75, 1 - 11 / 16]);
    expect([policy.oracleGapRecovered, policy.callsPerQuery]).toEqual([1, 5 / 4]);
    expect(policy.kinds).toEqual({ single: 0.75, cascade: 0.25 });
  });

  test("the baselines", () => {
    const { cheapest, best, random, oracle } = evaluation.baselines;
    expect(cheapest).toEqual({ model: "small", quality: 0.5, cost: 1 });
    expect(best).toEqual({ model: "large", quality: 0.75, cost: 4 });
    expect(random).toEqual({ quality: 0.625, cost: 2.5 });
    expect(oracle).toEqual({ quality: 1, cost: 10 / 4 });
    expect(evaluation.bestChosenOn).toBe("these rows");
  });

  test("the curve, the pair and the models", () => {
    // Right on all queries at 10/4, more than the best constant, for less.
    expect(evaluation.curve.saved[0]?.saved ?? 0).toBeGreaterThan(1 - 2.5 / 4 - 1e-9);
    expect(evaluation.zeroRouter.saved.map(({ saved }) => saved)[0]).toBeCloseTo(0, 9);
    // The gap is 1 of 4: two gained by b and d, none by a, one lost by c. Scores tie as {b, d} and {a, c}.
    expect(evaluation.pair).toMatchObject({ weak: "small", strong: "large", apgr: { value: (2 + (2 + 1)) / 4 } });
    expect(evaluation.pair.cpt).toEqual([
      { recovered: 0.5, share: 0.5 },
      { recovered: 0.8, share: 0.5 },
    ]);
    const small = evaluation.models.find(({ model }) => model === "small");
    expect(small?.brier).toBeCloseTo((2 * 0.3 ** 2 + 2 * 0.25 ** 2) / 4, 12);
    expect(small?.ece).toBeCloseTo((2 * 0.3 + 2 * 0.25) / 4, 12);
    expect(small?.costRatio).toBe(1);
    expect(evaluation.microseconds).toEqual({ p50: 10, p99: 20 });
  });

  test("the best constant may come from other rows", () => {
    const other = evaluate(rows, predictions, { resamples: 10, best: "small" });
    expect([other.baselines.best.model, other.bestChosenOn]).toEqual(["small", "other rows"]);
    expect(other.policy.saved.value).toBe(1 - 11 / 4);
  });

  const refusals: readonly (readonly [string, () => unknown, string])[] = [
    ["a row without prediction", () => evaluate(rows, predictions.slice(1)), "Row 'd' has no prediction"],
    ["no rows", () => evaluate([], predictions), "no rows"],
    ["an unknown best", () => evaluate(rows, predictions, { best: "x" }), "'x' is none of the models"],
    [
      "an answer of a model without label",
      () => evaluate(rows, [...predictions.slice(1), predicted("d", 0, ["gone"])]),
      "'gone', which was chosen",
    ],
    ["an unknown model", () => evaluate(rows, predictions, { models: ["small", "x"] }), "nothing of model 'x'"],
  ];
  for (const [name, work, message] of refusals) test(`${name} is refused`, () => expect(work).toThrow(message));

  test("of equal models the cheaper is best, and the oracle calls it", () => {
    const table = outcomeTable([labelled("a", { small: 1, large: 1 })]);
    expect(baselinesOf(table).best.model).toBe("small");
    expect(baselinesOf(table).oracle.cost).toBe(1);
  });
});
