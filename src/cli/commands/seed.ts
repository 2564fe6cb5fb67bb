import { type Declare, examples } from "../declare.ts";

export const declareSeed: Declare = (program, run) => {
  program
    .command("seed")
    .description("read the catalogue of models (context sizes, capabilities, prices) into the database")
    .addHelpText("after", examples("intellirouter seed"))
    .action(() => run(async (context) => (await import("../actions/storage.ts")).seed(context)));
};
