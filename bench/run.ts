import { type Options, readOptions, usage } from "./options.ts";
import { describeRun, sectionToMarkdown, tableToMarkdown } from "./report/markdown.ts";
import { readBaseline, recordRun } from "./report/record.ts";
import { judgeRatios, regressionTable } from "./report/regression.ts";
import { type RunResult, type SectionResult, sectionResult } from "./report/result.ts";
import { writeResults } from "./report/write-results.ts";
import { sections } from "./sections/index.ts";
import type { SectionName } from "./sections/names.ts";
import { type RunningBench, startBench } from "./start-bench.ts";
import { describeMachine } from "./system/machine.ts";
import { waitForTurn } from "./system/one-at-a-time.ts";
import { watchOthers } from "./system/others-share.ts";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs one section and prints what it found; undefined where it broke. */
const runSection = async (
  name: SectionName,
  bench: RunningBench,
  options: Options,
): Promise<SectionResult | undefined> => {
  const began = performance.now();
  try {
    const others = watchOthers();
    const found = await sections[name](bench, options);
    const result = sectionResult(name, { found, othersShare: others() });
    const seconds = Math.round((performance.now() - began) / 1_000);
    console.log(`\n## ${name} (${seconds} s)\n\n${sectionToMarkdown(result)}`);
    return result;
  } catch (error) {
    console.log(`\n## ${name}\n\nbroke: ${messageOf(error)}`);
    return undefined;
  }
};

const runSections = async (options: Options): Promise<readonly SectionResult[]> => {
  const bench = await startBench(options);
  const onSignal = (): void => void bench.stop().finally(() => process.exit(130));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  try {
    const results: SectionResult[] = [];
    for (const name of options.sections) {
      const result = await runSection(name, bench, options);
      if (result !== undefined) results.push(result);
    }
    return results;
  } finally {
    await bench.stop();
  }
};

/** Runs what is asked for. Gives the exit code. */
const run = async (options: Options): Promise<number> => {
  const { program, rounds } = options;
  const about = { date: new Date().toISOString(), machine: describeMachine(), program, rounds };
  console.log(describeRun({ ...about, sections: [] }));
  if (about.machine.nginx === null) console.log("nginx is not installed: the relay is the only reference.");
  const result: RunResult = { ...about, sections: await runSections(options) };
  const broken = options.sections.length - result.sections.length;
  const judged = judgeRatios(result.sections, readBaseline(program));
  const worse = judged.filter(({ verdict }) => verdict === "worse").length;
  if (judged.length > 0) console.log(`\n${tableToMarkdown(regressionTable(judged))}`);
  console.log(`\n${writeResults(result)}`);
  const notKept = options.isRecorded ? recordRun(result) : [];
  if (notKept.length > 0)
    console.log(
      `Others used the machine: not all ratios of ${notKept.join(" and ")} were kept in bench/baseline.json.`,
    );
  console.log(`${judged.length - worse} passed, ${worse + broken} failed`);
  return broken > 0 || (worse > 0 && !options.isRecorded) ? 1 : 0;
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(usage);
    process.exit(0);
  }
  const release = await waitForTurn();
  const code = await run(options).finally(release);
  // What still waits for something that has ended long ago must not hold up the end.
  process.exit(code);
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
