import { describe, expect, test } from "bun:test";
import { bootstrap, intervalOf, seededUniform } from "./bootstrap.ts";

describe("the bootstrap", () => {
  test("draws the same from the same seed, and in range", () => {
    const draw = (seed: number) => bootstrap({ size: 50, resamples: 20, seed }, (indices) => [...indices]);
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
    expect(
      draw(3)
        .flat()
        .every((index) => Number.isInteger(index) && index >= 0 && index < 50),
    ).toBe(true);
  });

  test("draws evenly", () => {
    const uniform = seededUniform(5);
    const bins = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw += 1) {
      const bin = Math.floor(uniform() * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    // Six standard deviations of a bin are 570.
    for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(600);
  });

  test("its interval of a mean is that of theory", () => {
    const values = Array.from({ length: 400 }, (_, index) => index % 2);
    const samples = bootstrap({ size: 400, resamples: 4_000, seed: 6 }, (indices) => {
      let sum = 0;
      for (const index of indices) sum += values[index] ?? 0;
      return sum / indices.length;
    });
    const { low, high } = intervalOf(samples);
    // ½ ± 1.96 · √(¼ / 400).
    expect(low).toBeCloseTo(0.451, 2);
    expect(high).toBeCloseTo(0.549, 2);
  });

  test("leaves out samples without a number", () => {
    expect(intervalOf([1, Number.NaN, 3])).toEqual({ low: 1, high: 3 });
  });
});
