import { disturbingShare } from "../figures.ts";
import type { Bar, Table } from "../sections/section.ts";
import { showNumber } from "./numbers.ts";

export type Verdict = "pass" | "miss" | "not measured" | "not judged: others used the machine";

/** Whether a figure reaches its bar, of a section during which others used that part of the machine. */
export const judgeBar = ({ value, limit, sense, of }: Bar, othersShare: number): Verdict => {
  if (!Number.isFinite(value)) return "not measured";
  if (of === "time" && othersShare > disturbingShare) return "not judged: others used the machine";
  return (sense === "at most" ? value <= limit : value >= limit) ? "pass" : "miss";
};

/** The bars as a table. */
export const barTable = (bars: readonly Bar[], othersShare: number): Table => ({
  title: "Bars",
  columns: ["bar", "is", "should be", ""],
  rows: bars.map((bar) => [
    bar.name,
    `${showNumber(bar.value)} ${bar.unit}`.trim(),
    `${bar.sense} ${bar.limit} ${bar.unit}`.trim(),
    judgeBar(bar, othersShare),
  ]),
});
