import { type Declare, examples } from "../declare.ts";

export const declareMigrate: Declare = (program, run) => {
  program
    .command("migrate")
    .description("bring the database to this version's schema; `up` does it too")
    .addHelpText("after", examples("intellirouter migrate", "intellirouter migrate --data /var/lib/intellirouter"))
    .action(() => run(async (context) => (await import("../actions/storage.ts")).migrate(context)));
};
