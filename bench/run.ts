import { type Options, readOptions, usage } from "./options.ts";
import { describeRun, sectionToMarkdown, tableToMarkdown } from "./report/markdown.ts";
import { readBaseline, recordRun } from "./report/record.ts";
import { judgeRatios, regressionTable } from "./report/regression.ts";
import { type RunResult, type SectionResult, sectionResult } from "./report/result.ts";
import { writeResults } from "./report/write-results.ts";
import { sections } from "./sections/index.ts";
import { startBench } from "./start-bench.ts";
import { describeMachine } from "./system/machine.ts";

const runSections = async (options: Options): Promise<readonly SectionResult[]> => {
  const results: SectionResult[] = [];
  const bench = await startBench(options);
  try {
    for (const name of options.sections) {
      const began = performance.now();
      const result = sectionResult(name, await sections[name](bench, options));
      const seconds = Math.round((performance.now() - began) / 1_000);
      console.log(`\n## ${name} (${seconds} s)\n\n${sectionToMarkdown(result)}`);
      results.push(result);
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
  const judged = judgeRatios(result.sections, readBaseline(program));
  if (judged.length > 0) console.log(`\n${tableToMarkdown(regressionTable(judged))}`);
  console.log(`\n${writeResults(result)}`);
  if (options.isRecorded) {
    recordRun(result);
    return 0;
  }
  const worse = judged.filter(({ verdict }) => verdict === "worse");
  if (judged.length > 0) console.log(`${judged.length - worse.length} passed, ${worse.length} failed`);
  return worse.length === 0 ? 0 : 1;
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(usage);
  // What still waits for something that has ended long ago must not hold up the end.
  process.exit(options === undefined ? 0 : await run(options));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
