import { type Declare, examples } from "../declare.ts";

export const declareExperiments: Declare = (program, run) => {
  const experiments = program
    .command("experiments")
    .description("list experiments on routes, and shadows with what they came to")
    .addHelpText("after", examples("intellirouter experiments", "intellirouter experiments show cheaper --since 7d"))
    .action(() => run(async (context) => (await import("../actions/experiments.ts")).listExperiments(context)));
  experiments
    .command("show")
    .argument("<name>", "of the experiment")
    .description("show the arms of an experiment, their differences and the verdict; as often as you like")
    .option("--since <when>", "only calls that began then or later: 7d, or a date (2026-11-01)")
    .option("--until <when>", "likewise; not included itself")
    .addHelpText("after", examples("intellirouter experiments show cheaper"))
    .action((name, options) =>
      run(async (context) => (await import("../actions/experiments.ts")).showExperiment(context, name, options)),
    );
};
