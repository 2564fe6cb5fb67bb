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

const declareBacktest = (router: Command, run: Run): void => {
  router
    .command("backtest")
    .description("judge a policy by recorded calls: cost and quality, against what was done, with intervals")
    .option("--route <name>", "the route whose calls are looked at")
    .option("--policy <file>", 'the policy, as JSON: {"constant": "provider/model"} or {"lambda": 40}')
    .option("--constant <target>", "the policy: always this target")
    .option("--lambda <number>", "the policy: what was expected, at another price; quality (0-1) that a USD must buy")
    .option("--since <time>", "a duration (90m, 24h, 7d) or a date", "7d")
    .addHelpText(
      "after",
      examples(
        "intellirouter router backtest --route smart --constant openai/gpt-5-mini",
        "intellirouter router backtest --route smart --policy policy.json --since 30d --json",
      ),
    )
    .action((options) =>
      run(async (context) => (await import("../actions/router/backtest.ts")).backtestPolicy(context, options)),
    );
};

const loadPolicy = () => import("../actions/router/policy.ts");

const declarePolicy = (router: Command, run: Run): void => {
  const onRoute = (name: string, description: string): Command =>
    router.command(name).description(description).requiredOption("--route <name>", "a route that learns");
  onRoute("status", "show what a route has learned, whether that serves, and the versions to go back to")
    .addHelpText("after", examples("intellirouter router status --route auto"))
    .action((options) => run(async (context) => (await loadPolicy()).showPolicy(context, options)));
  const acts = [
    onRoute("freeze", "hold a route at what it has learned so far"),
    onRoute("unfreeze", "let what a route has learned since serve again"),
    onRoute("rollback", "hold a route at an earlier version").option(
      "--to <version>",
      "its number; else the one before what serves",
    ),
    onRoute("promote", "let what is newest serve")
      .option("--canary <share>", "for this share of the calls first (up to 0.5), then for all by itself")
      .option("--min-calls <number>", "judged calls of either before the canary is decided"),
  ];
  for (const act of acts)
    act.action((options) => run(async (context) => (await loadPolicy()).actOnPolicy(context, act.name(), options)));
};

const declareClassify = (router: Command, run: Run): void => {
  router
    .command("classify")
    .argument("[prompt...]", "the prompt; else it is read from standard input")
    .description("say what kind of task a prompt is, and how hard, as rules and telemetry see it")
    .addHelpText(
      "after",
      examples(
        "intellirouter router classify 'How many apples are 3 dozen?'",
        "intellirouter router classify --json < prompt.txt",
      ),
    )
    .action((words) =>
      run(async (context) => (await import("../actions/router/classify.ts")).classifyPrompt(context, words)),
    );
};

export const declareRouter: Declare = (program, run) => {
  const router = program.command("router").description("train, run and judge the learned router on labelled rows");
  declareEval(router, run, collectDataFiles(program));
  declareBacktest(router, run);
  declarePolicy(router, run);
  declareClassify(router, run);
};
