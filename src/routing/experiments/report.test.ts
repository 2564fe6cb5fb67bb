import { describe, expect, test } from "bun:test";
import type { ArmSums, UnitSums } from "../../core/ports/experiments.ts";
import { outlineExperiment, reportExperiment } from "./report.ts";
import { type ExperimentSettings, experimentSchema } from "./settings.ts";

const settings = (changes: object = {}): ExperimentSettings =>
  experimentSchema.parse({ route: "fast", arms: { now: {}, next: { strategy: { kind: "random" } } }, ...changes });
const nothing: UnitSums = { units: 0, calls: 0, sum: 0, squares: 0, products: 0, callSquares: 0 };

/** So many calls, half of which cost one tenth more than the mean, and half one tenth less. */
const spread = (calls: number, mean: number): UnitSums => ({
  ...{ units: calls, calls, sum: calls * mean, products: calls * mean, callSquares: calls },
  squares: calls * mean * mean * 1.01,
});
const failures = (calls: number, failed: number): UnitSums => ({
  ...{ units: calls, calls, callSquares: calls },
  ...{ sum: failed, squares: failed, products: failed },
});
const arm = (name: string, calls: number, { cost = 1, failed = 0 } = {}): ArmSums => ({
  ...{ arm: name, units: calls, calls },
  metrics: { reward: nothing, cost: spread(calls, cost), latency: nothing, errors: failures(calls, failed) },
});
const report = (sums: readonly ArmSums[], changes: object = {}) => {
  const own = settings(changes);
  return reportExperiment(outlineExperiment("e", own, 0), own, sums);
};

describe("the verdict", () => {
  test.each([
    ["nobody came", [], "collecting", null],
    ["too few", [arm("now", 99), arm("next", 110)], "collecting", null],
    ["the same", [arm("now", 500), arm("next", 500)], "undecided", null],
    ["the challenger is cheaper", [arm("now", 500), arm("next", 500, { cost: 0.9 })], "decided", "next"],
    ["the challenger is dearer", [arm("now", 500), arm("next", 500, { cost: 1.1 })], "decided", "now"],
    ["the shares are wrong", [arm("now", 500), arm("next", 900, { cost: 0.9 })], "mismatch", null],
  ] as const)("%s", (_, sums, kind, best) => expect(report(sums).verdict).toMatchObject({ kind, best }));

  test("is made by the metric that counts", () => {
    const sums = [arm("now", 2_000, { failed: 100 }), arm("next", 2_000, { cost: 0.9, failed: 200 })];
    expect(report(sums, { primary: "errors" }).verdict).toMatchObject({ kind: "decided", best: "now" });
    expect(report(sums).verdict).toMatchObject({ kind: "decided", best: "next" });
    expect(report(sums, { primary: "reward" }).verdict.kind).toBe("collecting");
  });

  test("with the control that was named, and shares by weight", () => {
    const sums = [arm("now", 1_000, { cost: 1.1 }), arm("next", 500)];
    const found = report(sums, { control: "next", arms: { now: { weight: 2 }, next: {} } });
    expect(found.comparisons.map(({ arm: name, metric }) => `${name} ${metric}`)).toEqual(["now cost", "now errors"]);
    expect(found.verdict).toMatchObject({ kind: "decided", best: "next" });
  });

  test("of several challengers the best is told, and intervals are wider for their number", () => {
    const arms = { now: {}, a: {}, b: {}, c: {} };
    const sums = [arm("now", 500), arm("a", 500, { cost: 0.95 }), arm("b", 500, { cost: 0.9 }), arm("c", 500)];
    const many = report(sums, { arms });
    expect(many.verdict).toMatchObject({ kind: "decided", best: "b" });
    const width = ({ lower, upper }: { lower: number; upper: number }) => upper - lower;
    const [two] = report([arm("now", 500), arm("a", 500, { cost: 0.95 })], { arms: { now: {}, a: {} } }).comparisons;
    const [four] = many.comparisons;
    expect(width(four as never)).toBeGreaterThan(width(two as never) * 1.05);
  });
});

test("arms that nobody got yet are there, and what an old configuration called otherwise is not", () => {
  const { arms } = report([arm("now", 5), arm("former", 50)]);
  expect(arms.map(({ arm: name, calls }) => [name, calls])).toEqual([
    ["now", 5],
    ["next", 0],
  ]);
  expect(arms[1]?.estimates).toEqual({ reward: null, cost: null, latency: null, errors: null });
});

test.each([
  [{}, 50, "running"],
  [{ state: "stopped" }, 50, "stopped"],
  [{ from: "1970-01-01T00:01:00Z" }, 50, "waiting"],
  [{ from: "1970-01-01T00:01:00Z" }, 60_000, "running"],
  [{ until: "1970-01-01T00:01:00Z" }, 60_000, "over"],
] as const)("state of %p at %p: %s", (changes, now, state) =>
  expect(outlineExperiment("e", settings(changes), now).state).toBe(state),
);
