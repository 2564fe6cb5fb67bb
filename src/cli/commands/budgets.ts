import { type Declare, examples } from "../declare.ts";

export const declareBudgets: Declare = (program, run) => {
  program
    .command("budgets")
    .description("show budgets: what is spent, held and left of each, and how long it will last")
    .addHelpText("after", examples("intellirouter budgets", "intellirouter budgets --json"))
    .action(() => run(async (context) => (await import("../actions/budgets.ts")).showBudgets(context)));
};
