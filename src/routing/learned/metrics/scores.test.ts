import { describe, expect, test } from "bun:test";
import { array, assert, double, property } from "fast-check";
import { brierScore, calibrationError, oracleGapRecovered, percentile, routerArenaScore } from "./scores.ts";

describe("scores by hand", () => {
  test("oracle gap recovered", () => {
    expect(oracleGapRecovered(0.7, 0.6, 0.8)).toBeCloseTo(0.5, 12);
    expect(oracleGapRecovered(0.5, 0.6, 0.8)).toBeCloseTo(-0.5, 12);
    expect(oracleGapRecovered(0.5, 0.6, 0.6)).toBeUndefined();
  });

  test("RouterArena: the ends of the scale, its middle, and beyond", () => {
    expect(routerArenaScore(0.8, 200)).toBe(0);
    // C = 1: 1.1 · 0.8 / (0.08 + 1).
    expect(routerArenaScore(0.8, 0.0044)).toBeCloseTo(0.88 / 1.08, 12);
    expect(routerArenaScore(0.8, 0)).toBe(routerArenaScore(0.8, 0.0044));
    expect(routerArenaScore(0.8, 1e9)).toBe(0);
    // C = ½ at the geometric mean: 1.1 · 0.8 · 0.5 / (0.08 + 0.5).
    expect(routerArenaScore(0.8, Math.sqrt(200 * 0.0044))).toBeCloseTo(0.44 / 0.58, 12);
    expect(routerArenaScore(0, 200)).toBe(0);
  });

  test("Brier", () => {
    expect(brierScore([0.5, 1, 0], [1, 1, 1])).toBeCloseTo((0.25 + 0 + 1) / 3, 12);
    expect(brierScore([0.3, 0.9], [0.3, 0.9])).toBe(0);
  });

  test("ECE: bins weigh by their size, and errors of one bin cancel", () => {
    // Bin 0.5–0.6: mean 0.55, truth ½ (two); bin 0.9–1: mean 1, truth 0 (one): (0.1 + 1) / 3.
    expect(calibrationError([0.55, 0.55, 1], [1, 0, 0])).toBeCloseTo((0.1 + 1) / 3, 12);
    expect(calibrationError([0.55, 0.45], [1, 0])).toBeCloseTo(0.45, 12);
    expect(calibrationError([Number.NaN], [1])).toBeNaN();
  });

  test("percentiles by nearest rank", () => {
    const values = [5, 1, 4, 2, 3];
    expect([0, 0.2, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 1, 3, 5, 5]);
    expect(percentile([], 0.5)).toBeNaN();
  });

  test("ECE is never more than the mean distance", () => {
    const pairs = array(array(double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 }), {
      minLength: 1,
      maxLength: 40,
    });
    assert(
      property(pairs, (given) => {
        const predicted = given.map(([one]) => one ?? 0);
        const actual = given.map(([, one]) => Math.round(one ?? 0));
        const distance = predicted.reduce((sum, one, index) => sum + Math.abs(one - (actual[index] ?? 0)), 0);
        expect(calibrationError(predicted, actual)).toBeLessThanOrEqual(distance / given.length + 1e-12);
      }),
      { seed: 13 },
    );
  });
});
