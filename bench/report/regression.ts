import { disturbingShare } from "../figures.ts";
import type { Ratio, Table } from "../sections/section.ts";
import { showNumber } from "./numbers.ts";
import type { SectionResult } from "./result.ts";

/** How much worse than recorded a ratio may be. */
export const tolerance = 0.25;

/** Recorded ratios, by section and name. */
export type Baseline = Readonly<Record<string, number>>;

export interface Judged {
  readonly name: string;
  readonly now: number;
  readonly recorded: number;
  readonly verdict: "as recorded" | "worse" | "not recorded" | "not measured" | "not judged: others used the machine";
}

export const ratioName = (section: string, { name }: Ratio): string => `${section}: ${name}`;

const verdictOf = (ratio: Ratio, recorded: number, othersShare: number): Judged["verdict"] => {
  if (!Number.isFinite(ratio.value)) return "not measured";
  if (!Number.isFinite(recorded)) return "not recorded";
  if (ratio.value <= recorded * (1 + tolerance)) return "as recorded";
  return ratio.of === "time" && othersShare > disturbingShare ? "not judged: others used the machine" : "worse";
};

/** Holds the ratios of a run against those that are recorded. */
export const judgeRatios = (sections: readonly SectionResult[], baseline: Baseline): readonly Judged[] =>
  sections.flatMap(({ name: section, ratios, othersShare }) =>
    ratios.map((ratio) => {
      const name = ratioName(section, ratio);
      const recorded = baseline[name] ?? Number.NaN;
      return { name, now: ratio.value, recorded, verdict: verdictOf(ratio, recorded, othersShare) };
    }),
  );

export const regressionTable = (judged: readonly Judged[]): Table => ({
  title: `Against what is recorded; more than ${tolerance * 100} % above it fails`,
  columns: ["ratio", "now", "recorded", ""],
  rows: judged.map(({ name, now, recorded, verdict }) => [name, showNumber(now), showNumber(recorded), verdict]),
});
