import { describe, expect, test } from "bun:test";
import { array, assert, integer, property, record } from "fast-check";
import { averageGapRecovered, callPerformanceThreshold, shareCurve } from "./share-curve.ts";

const curveOf = (scores: readonly number[], weak: readonly number[], strong: readonly number[]) =>
  shareCurve({ scores, weak, strong }) ?? [];

describe("the gap recovered over the share of strong calls", () => {
  // Four queries; the strong model gains on the first two, loses on the third: the gap is 1 + 1 − 1 = 1.
  const weak = [0, 0, 1, 1];
  const strong = [1, 1, 0, 1];

  test("by hand, best first", () => {
    const curve = curveOf([4, 3, 1, 2], weak, strong);
    expect(curve).toEqual([
      { share: 0, recovered: 0 },
      { share: 0.25, recovered: 1 },
      { share: 0.5, recovered: 2 },
      { share: 0.75, recovered: 2 },
      { share: 1, recovered: 1 },
    ]);
    // Trapezoids: (0+1)/8 + (1+2)/8 + (2+2)/8 + (2+1)/8.
    expect(averageGapRecovered(curve)).toBeCloseTo(11 / 8, 12);
    expect([0, 0.5, 1, 1.5, 2, 2.5].map((wanted) => callPerformanceThreshold(curve, wanted))).toEqual([
      0,
      0.25,
      0.25,
      0.5,
      0.5,
      undefined,
    ]);
  });

  test("equal scores cross the threshold together", () => {
    expect(curveOf([1, 1, 0, 0], weak, strong)).toEqual([
      { share: 0, recovered: 0 },
      { share: 0.5, recovered: 2 },
      { share: 1, recovered: 1 },
    ]);
  });

  test("a score that knows nothing recovers half", () => {
    expect(averageGapRecovered(curveOf([7, 7, 7, 7], weak, strong))).toBe(0.5);
  });

  test("is not defined without a gap, or for a score that is no number", () => {
    expect(shareCurve({ scores: [1, 2], weak: [0, 1], strong: [1, 0] })).toBeUndefined();
    expect(shareCurve({ scores: [1, Number.NaN], weak: [0, 0], strong: [1, 1] })).toBeUndefined();
    expect(shareCurve({ scores: [], weak: [], strong: [] })).toBeUndefined();
  });

  test("only the order of the scores counts; none beats the truth, and its opposite mirrors it", () => {
    const query = record({ score: integer({ min: -1_000_000, max: 1_000_000 }), weak: integer({ min: 0, max: 1 }) });
    assert(
      property(array(query, { minLength: 2, maxLength: 60 }), (queries) => {
        // The strong model is right everywhere, so the gap is the number of the weak one's faults.
        const weakOnes = [...queries.map((one) => one.weak), 0];
        const strongOnes = weakOnes.map(() => 1);
        const scores = [...queries.map((one) => one.score), 0];
        const area = averageGapRecovered(curveOf(scores, weakOnes, strongOnes));
        const truth = averageGapRecovered(
          curveOf(
            weakOnes.map((one) => 1 - one),
            weakOnes,
            strongOnes,
          ),
        );
        expect(area).toBeLessThanOrEqual(truth + 1e-9);
        const stretched = scores.map((score) => score * 3 + 5);
        expect(averageGapRecovered(curveOf(stretched, weakOnes, strongOnes))).toBeCloseTo(area, 9);
        const opposite = scores.map((score) => -score);
        expect(averageGapRecovered(curveOf(opposite, weakOnes, strongOnes))).toBeCloseTo(1 - area, 9);
      }),
      { seed: 11 },
    );
  });
});
