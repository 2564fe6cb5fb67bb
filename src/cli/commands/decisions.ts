import { type Declare, examples } from "../declare.ts";

const load = () => import("../actions/decisions.ts");
const routeFlag = ["--route <name>", "only decisions of this route"] as const;

export const declareDecisions: Declare = (program, run) => {
  const decisions = program
    .command("decisions")
    .description("list what policies that learn decided, or sum it up")
    .addHelpText(
      "after",
      examples(
        "intellirouter decisions --route smart --since 24h",
        "intellirouter decisions statistics --route smart --since 7d",
      ),
    );
  decisions
    .command("list", { isDefault: true })
    .description("list decisions, newest first")
    .option(...routeFlag)
    .option("--since <time>", "a duration (90m, 24h, 7d) or a date")
    .option("--limit <number>", "at most so many", "50")
    .action((options) => run(async (context) => (await load()).listDecisions(context, options)));
  decisions
    .command("statistics")
    .description("what was chosen how often, what was expected, what came of it, and what it saved")
    .option(...routeFlag)
    .option("--since <time>", "a duration (90m, 24h, 7d) or a date", "7d")
    .action((options) => run(async (context) => (await load()).showDecisionStatistics(context, options)));
};
