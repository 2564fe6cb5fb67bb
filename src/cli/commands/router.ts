import type { Command } from "commander";
import { type Declare, examples, type Run } from "../declare.ts";

/**
 * The files given with `--data`. Everywhere else that option names the data folder, and the program takes it wherever it
 * stands; here each value is kept, and those that follow it are arguments.
 */
const collectDataFiles = (program: Command): ((others: readonly string[]) => readonly string[]) => {
  const files: string[] = [];
  program.on("option:data", (file: string) => files.push(file));
  return (others) => [...files, ...others];
};

const declareEval = (router: Command, run: Run, dataFiles: (others: readonly string[]) => readonly string[]): void => {
  router
    .command("eval")
    .argument("[files...]", "further files of labelled rows")
    .description("judge predictions by labelled rows: what a router saves and keeps, with baselines beside")
    .option("--data <file>", "labelled rows: JSON lines, also gzipped; may be repeated")
    .option("--predictions <file>", "the output of `router predict` on these rows")
    .option("--best <model>", "the best single model of the training rows; else it is chosen on these")
    .option("--resamples <number>", "bootstrap samples for the intervals", "1000")
    .option("--seed <number>", "seed of the bootstrap", "1")
    .addHelpText(
      "after",
      examples(
        "intellirouter router eval --data rows.jsonl --predictions predicted.jsonl",
        "intellirouter router eval --data rows.jsonl.gz --predictions predicted.jsonl --best gpt-4o --json",
      ),
    )
    .action((files, options) =>
      run(async (context) =>
        (await import("../actions/router/eval.ts")).evaluateRouter(context, { ...options, files: dataFiles(files) }),
      ),
    );
};

export const declareRouter: Declare = (program, run) => {
  const router = program.command("router").description("train, run and judge the learned router on labelled rows");
  declareEval(router, run, collectDataFiles(program));
};
