import { Option } from "commander";
import { faultNames } from "../../chaos/faults.ts";
import { collect, type Declare, examples } from "../declare.ts";

export const declareChaos: Declare = (program, run) => {
  program
    .command("chaos")
    .description("show what your routes make of broken upstreams, without touching the real ones")
    .option("--route <name>", "only this route; may be repeated", collect)
    .option("--fault <name>", `only this fault (${faultNames.join(", ")}); may be repeated`, collect)
    .option("--seed <number>", "decides where streams break (default: a new one each time)")
    .option(
      "--timeout-scale <factor>",
      "what deadlines are multiplied by (default: so that silences last 0.4 s at most)",
    )
    .option("--whole", "ask for whole answers instead of streams")
    .addOption(
      new Option("--answers <kind>", "whether targets answer with different texts, as models do, or alike")
        .choices(["different", "alike"])
        .default("different"),
    )
    .addHelpText(
      "after",
      examples(
        "intellirouter chaos",
        "intellirouter chaos --route fast --fault cut-mid-stream --seed 7",
        "intellirouter chaos --timeout-scale 0.05 --json",
      ),
    )
    .action((options) => run(async (context) => (await import("../actions/chaos.ts")).showChaos(context, options)));
};
