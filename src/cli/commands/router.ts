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
    .option("--model <file>", "a model of `router train`, which predicts these rows now")
    .option("--models <names>", "candidates, with commas between; else all that the model and every row know")
    .option("--keep <share>", "share of the best candidate's quality to keep (default: 0.99)")
    .option("--lambda <price>", "instead: quality that a USD must buy")
    .option("--cascades", "may ask several models and compare their answers")
    .option("--predictions <file>", "instead of a model: the output of `router predict` on these rows")
    .option("--best <model>", "the best single model of the training rows; else it is chosen on these")
    .option("--resamples <number>", "bootstrap samples for the intervals", "1000")
    .option("--seed <number>", "seed of the bootstrap", "1")
    .addHelpText(
      "after",
      examples(
        "intellirouter router eval --model router.model --data rows.jsonl --cascades --keep 0.99",
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
    .option("--policy <file>", 'the policy: a model file, or JSON: {"constant": "provider/model"} or {"lambda": 40}')
    .option("--keep <share>", "with a model file: the share of the best target's quality to keep (0.99 by default)")
    .option("--constant <target>", "the policy: always this target")
    .option(
      "--lambda <number>",
      "the policy: what was expected (or a model file expects), at this price: quality (0-1) that a USD must buy",
    )
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

const declarePrior = (router: Command, run: Run): void => {
  router
    .command("prior")
    .argument("[targets...]", "provider/model; else the targets of all routes")
    .description("show what routes that learn expect of targets before they learned anything, and by what")
    .addHelpText(
      "after",
      examples("intellirouter router prior", "intellirouter router prior openai/gpt-5-mini local/llama3.1:8b --json"),
    )
    .action((targets) =>
      run(async (context) => (await import("../actions/router/prior.ts")).showPrior(context, targets)),
    );
};

const declareTrain = (router: Command, run: Run, dataFiles: (others: readonly string[]) => readonly string[]): void => {
  router
    .command("train")
    .argument("[files...]", "further files of labelled rows")
    .description("learn from labelled rows what to expect of each model")
    .option("--data <file>", "labelled rows: JSON lines, also gzipped; may be repeated")
    .option("--out <file>", "the model file to write")
    .option("--models <names>", "only these models, with commas between")
    .option("--seed <number>", "seed of the training", "1")
    .addHelpText(
      "after",
      examples(
        "intellirouter router train --data rows.jsonl --out router.model",
        "intellirouter router train --data a.jsonl b.jsonl.gz --out router.model --models gpt-4o,gpt-4o-mini",
      ),
    )
    .action((files, options) =>
      run(async (context) =>
        (await import("../actions/router/train.ts")).trainFromFiles(context, { ...options, files: dataFiles(files) }),
      ),
    );
};

const declarePredict = (
  router: Command,
  run: Run,
  dataFiles: (others: readonly string[]) => readonly string[],
): void => {
  router
    .command("predict")
    .argument("[files...]")
    .description("choose a model, or a cascade of models, for each row; labels are not read")
    .option("--model <file>", "a file that `router train` wrote")
    .option("--data <file>", "rows with prompts: JSON lines, also gzipped")
    .option("--out <file>", "the file to write to: one JSON line for each row")
    .option("--models <names>", "choose among these models, with commas between")
    .option("--cascades", "also ask two or three models and compare their answers, where rows have answers")
    .option("--keep <share>", "keep this share of the best model's quality (0.99 where nothing is given)")
    .option("--lambda <price>", "what a USD is worth in quality, instead of --keep")
    .addHelpText(
      "after",
      examples(
        "intellirouter router predict --model router.model --data rows.jsonl --out predicted.jsonl --keep 0.98",
        "intellirouter router predict --model router.model --data rows.jsonl --out predicted.jsonl --cascades",
      ),
    )
    .action((files, options) =>
      run(async (context) =>
        (await import("../actions/router/predict.ts")).predictRows(context, { ...options, files: dataFiles(files) }),
      ),
    );
};

export const declareRouter: Declare = (program, run) => {
  const router = program.command("router").description("train, run and judge the learned router on labelled rows");
  const dataFiles = collectDataFiles(program);
  declareTrain(router, run, dataFiles);
  declarePredict(router, run, dataFiles);
  declareEval(router, run, dataFiles);
  declareBacktest(router, run);
  declarePolicy(router, run);
  declareClassify(router, run);
  declarePrior(router, run);
};
