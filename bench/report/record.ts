import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { disturbingShare } from "../figures.ts";
import type { Ratio } from "../sections/section.ts";
import type { Program } from "../subjects/gateway.ts";
import { describeRun, sectionToMarkdown } from "./markdown.ts";
import { type Baseline, ratioName } from "./regression.ts";
import type { RunResult } from "./result.ts";
import { writeCharts } from "./write-results.ts";

const benchFolder = resolve(import.meta.dir, "..");
const baselineFile = join(benchFolder, "baseline.json");
const historyFile = join(benchFolder, "history.jsonl");
const chartsFolder = join(benchFolder, "charts");
const page = resolve(benchFolder, "../docs/performance.md");

const rounded = (value: number): number => Number(value.toPrecision(4));

/** Even processor time grows where others keep taking the core and its caches, and a relay's by more than a gateway's. */
const tooDisturbed = 0.25;

const isFit = ({ of, value }: Ratio, othersShare: number): boolean =>
  Number.isFinite(value) && othersShare <= (of === "time" ? disturbingShare : tooDisturbed);

const measuredRatios = ({ sections }: RunResult): Baseline =>
  Object.fromEntries(
    sections.flatMap(({ name, ratios, othersShare }) =>
      ratios
        .filter((ratio) => isFit(ratio, othersShare))
        .map((ratio) => [ratioName(name, ratio), rounded(ratio.value)]),
    ),
  );

/** The recorded ratios of the program in one of its forms; none where nothing is recorded. */
export const readBaseline = (program: Program): Baseline => {
  if (!existsSync(baselineFile)) return {};
  return (JSON.parse(readFileSync(baselineFile, "utf8")) as Partial<Record<Program, Baseline>>)[program] ?? {};
};

/** Puts a text between the marks `<!-- bench:name -->` and `<!-- /bench:name -->`. Throws where they are not there. */
export const replaceBetween = (document: string, name: string, content: string): string => {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/performance.md lacks the marks ${begin} and ${end}.`);
  return `${document.slice(0, from + begin.length)}\n${content}\n${document.slice(to)}`;
};

const writeBaseline = (result: RunResult): void => {
  const all = existsSync(baselineFile) ? (JSON.parse(readFileSync(baselineFile, "utf8")) as object) : {};
  const baseline = { ...readBaseline(result.program), ...measuredRatios(result) };
  writeFileSync(baselineFile, `${JSON.stringify({ ...all, [result.program]: baseline }, null, 2)}\n`);
};

const writePage = (result: RunResult): void => {
  let document = readFileSync(page, "utf8");
  for (const section of result.sections) {
    const charts = section.charts.map(({ name, title }) => `![${title}](../bench/charts/${name}.svg)`);
    const content = [describeRun(result), sectionToMarkdown(section), ...charts].join("\n\n");
    document = replaceBetween(document, section.name, content);
  }
  writeFileSync(page, document);
};

/**
 * Keeps a run in git: ratios for the check, one line of history, and the tables and charts of the page. Gives the
 * sections whose ratios were not kept, since others used the machine.
 */
export const recordRun = (result: RunResult): readonly string[] => {
  writePage(result);
  writeCharts(chartsFolder, result);
  writeBaseline(result);
  const { date, machine, program, sections } = result;
  const bars = sections.flatMap((section) =>
    section.bars.filter(({ value }) => Number.isFinite(value)).map(({ name, value }) => [name, rounded(value)]),
  );
  const line = {
    date,
    program,
    machine,
    othersShare: Object.fromEntries(sections.map(({ name, othersShare }) => [name, rounded(othersShare)])),
    bars: Object.fromEntries(bars),
    ratios: measuredRatios(result),
  };
  appendFileSync(historyFile, `${JSON.stringify(line)}\n`);
  return sections
    .filter(({ ratios, othersShare }) =>
      ratios.some((ratio) => Number.isFinite(ratio.value) && !isFit(ratio, othersShare)),
    )
    .map(({ name }) => name);
};
