import { expect, test } from "bun:test";
import type { Chart } from "../sections/section.ts";
import { axisOf } from "./axis.ts";
import { chartToSvg } from "./svg.ts";

const chart: Chart = {
  name: "test",
  title: "a < b",
  kind: "lines",
  x: "size",
  y: "µs",
  scale: { x: "logarithmic" },
  series: [
    {
      name: "one",
      points: [
        { x: 1, y: 10 },
        { x: 100, y: 30 },
        { x: 1_000, y: Number.NaN },
      ],
    },
  ],
};

test("a chart has a dot for each known value, and text that is escaped", () => {
  const svg = chartToSvg(chart);
  expect(svg.match(/<circle/g)).toHaveLength(2);
  expect(svg).toContain("a &lt; b");
  expect(svg).not.toContain("NaN");
});

test("bars stand on their axis", () => {
  const svg = chartToSvg({ ...chart, kind: "bars", labels: ["a", "b"], scale: {} });
  expect(svg).not.toContain("NaN");
  expect(svg).toContain(">b</text>");
});

test("axes hold their values, ends included", () => {
  const options = { from: 0, to: 100, scale: undefined } as const;
  const { at, ticks } = axisOf([0, 47], options);
  expect([at(0), at(50)]).toEqual([0, 100]);
  expect(ticks).toEqual([0, 10, 20, 30, 40, 50]);
  expect(axisOf([1, 10, 100], { ...options, scale: "logarithmic" }).at(10)).toBe(50);
  expect(axisOf([], options).ticks).toEqual([]);
});
