import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runToMarkdown } from "./markdown.ts";
import type { RunResult } from "./result.ts";
import { chartToSvg } from "./svg.ts";

const resultsFolder = resolve(import.meta.dir, "../results");

/** The charts of a run, one file each. */
export const writeCharts = (folder: string, { sections }: RunResult): void => {
  mkdirSync(folder, { recursive: true });
  for (const chart of sections.flatMap(({ charts }) => charts))
    writeFileSync(join(folder, `${chart.name}.svg`), chartToSvg(chart));
};

/** Writes all that was found into a folder of its own, outside git. Gives its path. */
export const writeResults = (result: RunResult): string => {
  const folder = join(resultsFolder, result.date.replaceAll(":", "-"));
  writeCharts(folder, result);
  writeFileSync(join(folder, "result.json"), JSON.stringify(result, null, 1));
  writeFileSync(join(folder, "report.md"), `${runToMarkdown(result)}\n`);
  return folder;
};
