import { type Declare, examples } from "../declare.ts";

export const declareExplain: Declare = (program, run) => {
  program
    .command("explain")
    .argument("<request-id>", "the x-request-id of a reply")
    .description("tell the story of one call: decision, candidates, attempts, tokens, cost")
    .addHelpText(
      "after",
      examples("intellirouter explain 0199a7c2e4b07d3f", "intellirouter explain 0199a7c2e4b07d3f --json"),
    )
    .action((id) => run(async (context) => (await import("../actions/explain.ts")).explainCall(context, id)));
};
