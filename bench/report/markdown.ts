import { disturbingShare } from "../figures.ts";
import type { Table } from "../sections/section.ts";
import { barTable } from "./bars.ts";
import type { RunResult, SectionResult } from "./result.ts";

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** A table in Markdown, its title above it. */
export const tableToMarkdown = ({ title, columns, rows }: Table): string =>
  [`**${title}**`, "", line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");

/** What a section found, as people read it. */
export const sectionToMarkdown = ({ tables, bars, notes, othersShare }: SectionResult): string => {
  const disturbed =
    othersShare > disturbingShare
      ? [
          `Other programs used ${Math.round(othersShare * 100)} % of the machine meanwhile: times and throughput are disturbed.`,
        ]
      : [];
  const remarks = [...notes, ...disturbed].map((note) => `- ${note}`).join("\n");
  const judged = bars.length === 0 ? [] : [barTable(bars, othersShare)];
  return [...[...tables, ...judged].map(tableToMarkdown), remarks].filter((part) => part !== "").join("\n\n");
};

/** Where and of what the figures are, in one line. */
export const describeRun = ({ date, machine, program, rounds }: RunResult): string =>
  [
    `${date.slice(0, 16).replace("T", " ")} UTC`,
    `commit ${machine.commit}`,
    program === "executable" ? "dist/intellirouter" : "from its sources",
    `${rounds} rounds`,
    `${machine.processor}, ${machine.cores} cores${machine.isPinned ? "" : " (not pinned)"}, ${machine.memoryGigabytes} GB`,
    machine.system,
    `Bun ${machine.bun}`,
    machine.nginx === null ? "no nginx" : `nginx ${machine.nginx}`,
  ].join(" · ");

/** The whole run. */
export const runToMarkdown = (result: RunResult): string =>
  [
    "# Measured",
    describeRun(result),
    ...result.sections.map((section) => `## ${section.name}\n\n${sectionToMarkdown(section)}`),
  ].join("\n\n");
