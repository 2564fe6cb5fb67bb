import { describe, expect, test } from "bun:test";
import { array, assert, double, property, record } from "fast-check";
import {
  averageImprovementInQuality,
  type CostPoint,
  costHull,
  qualityAt,
  savedOnCurve,
  savedRealised,
} from "./cost-curve.ts";

const points = (...pairs: readonly (readonly [number, number])[]): readonly CostPoint[] =>
  pairs.map(([cost, quality]) => ({ cost, quality }));

describe("the non-decreasing hull", () => {
  const cases: readonly (readonly [string, readonly CostPoint[], readonly CostPoint[]])[] = [
    ["of nothing", [], []],
    ["of one point", points([1, 0.5]), points([1, 0.5])],
    ["leaves out what lies below a mixture", points([3, 0.9], [1, 0.5], [2, 0.6]), points([1, 0.5], [3, 0.9])],
    ["keeps what lies above one", points([1, 0.5], [2, 0.8], [3, 0.9]), points([1, 0.5], [2, 0.8], [3, 0.9])],
    ["never goes down", points([1, 0.5], [2, 0.8], [3, 0.7]), points([1, 0.5], [2, 0.8])],
    ["takes the better of equal cost", points([1, 0.5], [1, 0.7], [2, 0.8]), points([1, 0.7], [2, 0.8])],
    ["takes the cheaper of equal quality", points([2, 0.7], [1, 0.7]), points([1, 0.7])],
    ["leaves out the middle of a line", points([1, 0.25], [2, 0.5], [3, 0.75]), points([1, 0.25], [3, 0.75])],
    ["leaves out what is no number", points([1, 0.5], [Number.NaN, 1], [2, Number.NaN]), points([1, 0.5])],
  ];
  for (const [name, given, expected] of cases) test(name, () => expect(costHull(given)).toEqual(expected));

  test("reads between its points, nothing below, flat above", () => {
    const hull = points([1, 0.5], [3, 0.9]);
    expect([0.5, 1, 2, 3, 9].map((cost) => qualityAt(hull, cost))).toEqual([0, 0.5, 0.7, 0.9, 0.9]);
  });

  test("lies above every point, rises ever more slowly", () => {
    const point = record({
      cost: double({ min: 0, max: 10, noNaN: true }),
      quality: double({ min: 0, max: 1, noNaN: true }),
    });
    assert(
      property(array(point, { minLength: 1, maxLength: 30 }), (given) => {
        const hull = costHull(given);
        for (const { cost, quality } of given) expect(qualityAt(hull, cost)).toBeGreaterThanOrEqual(quality - 1e-9);
        const slopes = hull.slice(1).map((one, index) => {
          const before = hull[index] as CostPoint;
          return (one.quality - before.quality) / (one.cost - before.cost);
        });
        for (const [index, slope] of slopes.entries()) {
          expect(slope).toBeGreaterThan(0);
          if (index > 0) expect(slope).toBeLessThanOrEqual((slopes[index - 1] ?? 0) * (1 + 1e-9));
        }
      }),
      { seed: 12 },
    );
  });
});

describe("AIQ", () => {
  test("by hand: a rise and a flat end", () => {
    // From 1 to 3 on average 0.7, from 3 to 5 flat 0.9: (1.4 + 1.8) / 4.
    expect(averageImprovementInQuality(points([1, 0.5], [3, 0.9], [5, 0.4]))).toBeCloseTo(0.8, 12);
  });
  test("over a given range: nothing below the cheapest point", () => {
    expect(averageImprovementInQuality(points([1, 0.5]), { from: 0, to: 2 })).toBeCloseTo(0.25, 12);
    expect(averageImprovementInQuality(points([1, 0.5], [3, 0.9]), { from: 2, to: 4 })).toBeCloseTo(0.85, 12);
  });
  test("of one cost is not defined", () => {
    expect(averageImprovementInQuality(points([1, 0.5], [1, 0.6]))).toBeUndefined();
    expect(averageImprovementInQuality([])).toBeUndefined();
  });
});

describe("what is saved", () => {
  const best = { cost: 10, quality: 0.8 };
  test("read off the curve, between its points", () => {
    const curve = points([2, 0.4], [6, 0.8], [9, 0.9]);
    expect(savedOnCurve(curve, best, 1)).toBeCloseTo(0.4, 9);
    // 75 % of 0.8 is 0.6, halfway from 2 to 6.
    expect(savedOnCurve(curve, best, 0.75)).toBeCloseTo(0.6, 9);
    expect(savedOnCurve(curve, best, 0.1)).toBeCloseTo(0.8, 9);
    expect(savedOnCurve(curve, best, 1.2)).toBeUndefined();
  });
  test("as it was carried out", () => {
    expect(savedRealised({ cost: 4, quality: 0.6 }, best)).toEqual({ saved: 0.6, kept: 0.6 / 0.8 });
  });
});
