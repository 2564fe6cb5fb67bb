import { Option } from "commander";
import { type Declare, examples } from "../declare.ts";

export const declareUsage: Declare = (program, run) => {
  program
    .command("usage")
    .description("show calls, tokens and cost by group")
    .addOption(
      new Option("--by <group>", "what to sum over")
        .choices(["model", "key", "day", "provider", "route", "tenant"])
        .default("model"),
    )
    .option("--since <when>", "a duration back from now (24h, 7d) or a date (2026-11-01)", "7d")
    .option("--until <when>", "likewise; not included itself")
    .addHelpText(
      "after",
      examples(
        "intellirouter usage",
        "intellirouter usage --by key --since 30d",
        "intellirouter usage --by day --since 2026-11-01 --json",
      ),
    )
    .action((options) => run(async (context) => (await import("../actions/usage.ts")).showUsage(context, options)));
};
