import { describe, expect, test } from "bun:test";
import type { Bar, Ratio } from "../sections/section.ts";
import { judgeBar, type Verdict } from "./bars.ts";
import { type Judged, judgeRatios } from "./regression.ts";
import { sectionResult } from "./result.ts";

const disturbed = 0.5;

describe("a bar", () => {
  const bar = (value: number, change: Partial<Bar> = {}): Bar => ({
    name: "bar",
    value,
    limit: 2,
    sense: "at most",
    unit: "ms",
    of: "time",
    ...change,
  });
  const cases: readonly [string, Bar, number, Verdict][] = [
    ["just reached", bar(2), 0, "pass"],
    ["missed", bar(2.01), 0, "miss"],
    ["at least, reached", bar(2, { sense: "at least" }), 0, "pass"],
    ["at least, missed", bar(1.99, { sense: "at least" }), 0, "miss"],
    ["without a figure", bar(Number.NaN), 0, "not measured"],
    ["of time on a busy machine", bar(1), disturbed, "not judged: others used the machine"],
    ["of memory on a busy machine", bar(3, { of: "memory" }), disturbed, "miss"],
  ];
  for (const [name, given, othersShare, verdict] of cases)
    test(name, () => {
      expect(judgeBar(given, othersShare)).toBe(verdict);
    });
});

describe("a ratio beside the recorded one", () => {
  const of = (value: number, kind: Ratio["of"] = "processor time"): Ratio => ({ name: "ratio", value, of: kind });
  const cases: readonly [string, Ratio, number, number, Judged["verdict"]][] = [
    ["better", of(1), 4, 0, "as recorded"],
    ["a quarter worse", of(5), 4, 0, "as recorded"],
    ["more than a quarter worse", of(5.01), 4, 0, "worse"],
    ["worse on a busy machine", of(6), 4, disturbed, "worse"],
    ["of time, worse on a busy machine", of(6, "time"), 4, disturbed, "not judged: others used the machine"],
    ["of time, worse", of(6, "time"), 4, 0, "worse"],
    ["not recorded", of(6), Number.NaN, 0, "not recorded"],
    ["not measured", of(Number.NaN), 4, 0, "not measured"],
  ];
  for (const [name, ratio, recorded, othersShare, verdict] of cases)
    test(name, () => {
      const section = sectionResult("whole", { found: { ratios: [ratio] }, othersShare });
      const baseline: Record<string, number> = Number.isNaN(recorded) ? {} : { "whole: ratio": recorded };
      expect(judgeRatios([section], baseline).map((judged) => judged.verdict)).toEqual([verdict]);
    });
});
