import { expect, test } from "bun:test";
import { rawTextSection } from "./raw-text.ts";
import { judgeSection, passes } from "./section.ts";

test("answers read from raw text do what the answers of the data set do", () => {
  const { bars, isPassed } = rawTextSection();
  expect(bars.filter((bar) => !passes(bar))).toEqual([]);
  expect([isPassed, bars.length]).toEqual([true, 5]);
});

test("a bar that is missed, or is no number, fails its section", () => {
  const judged = (value: number) =>
    judgeSection({ title: "t", about: "a", tables: [], bars: [{ name: "b", value, atLeast: 1, atMost: 2 }] }).isPassed;
  expect([0.9, 1, 2, 2.1, Number.NaN].map(judged)).toEqual([false, true, true, false, false]);
});
