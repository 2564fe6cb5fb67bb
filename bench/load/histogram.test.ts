import { describe, expect, test } from "bun:test";
import { Histogram } from "./histogram.ts";

const filled = (values: Iterable<number>): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

describe("a histogram of microseconds", () => {
  const cases: readonly [string, readonly number[], number, number][] = [
    ["one value", [250], 0.5, 0.25],
    ["the middle", [1_000, 2_000, 3_000], 0.5, 2],
    ["the tail", [...new Array(98).fill(1_000), 50_000, 60_000], 0.99, 60],
    ["a long one", [3_600_000_000], 0.5, 3_600_000],
    ["less than a microsecond", [0.2], 0.5, 0.001],
    ["from two clocks' last digits", [-0.3], 0.5, 0.001],
  ];
  for (const [name, values, share, milliseconds] of cases)
    test(`${name}: the quantile is right to within 1 %`, () => {
      const found = filled(values).quantile(share);
      expect(Math.abs(found / milliseconds - 1)).toBeLessThan(0.01);
    });

  test("counts, and keeps the largest as it is", () => {
    expect(filled([10, 20, 12_345]).spread()).toMatchObject({ count: 3, max: 12.345 });
  });

  test("is no number where nothing was recorded", () => {
    expect(new Histogram().quantile(0.5)).toBeNaN();
  });
});
