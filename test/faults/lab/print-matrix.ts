import type { RowResult } from "./run-row.ts";

const tally = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted(([, left], [, right]) => right - left)
    .map(([what, count]) => `${what} ${count}`)
    .join(", ");

/** Failures that find the same are told once. */
const failureLines = ({ failures }: RowResult, shown: number): readonly string[] => {
  const plain = (text: string): string => text.replaceAll(/r\d+c\d+t\d/g, "…").replaceAll(/\d{3,}/g, "n");
  const groups = [...Map.groupBy(failures, ({ findings }) => plain(findings.join(" | ")))].toSorted(
    ([, left], [, right]) => right.length - left.length,
  );
  return [
    ...groups.slice(0, shown).flatMap(([, group]) => {
      const [first] = group;
      const more = group.length > 1 ? `  (and ${group.length - 1} like it)` : "";
      return [
        `        ✗ ${first?.name}${more}`,
        ...(first?.findings ?? []).slice(0, 4).map((text) => `            ${text}`),
      ];
    }),
    ...(groups.length > shown ? [`        … and ${groups.length - shown} other kinds`] : []),
  ];
};

/** A row's line of the matrix, and what failed: so many kinds of it. */
export const printRow = (result: RowResult, shown: number): string => {
  const { row, passed, failures, outcomes, bills, milliseconds, peakMegabytes } = result;
  const verdict = failures.length === 0 ? "pass" : "FAIL";
  const bill = bills.size === 0 ? "" : `  bill: ${tally(bills)}`;
  const memory = peakMegabytes === 0 ? "" : `, ${Math.round(peakMegabytes)} MB`;
  return [
    `${verdict}  ${String(row.number).padStart(2)}  ${row.title}: ${passed} of ${passed + failures.length} (${(milliseconds / 1_000).toFixed(1)} s${memory})`,
    `          ${tally(outcomes)}${bill}`,
    ...failureLines(result, shown),
  ].join("\n");
};
