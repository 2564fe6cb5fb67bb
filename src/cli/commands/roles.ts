import { type Declare, examples } from "../declare.ts";

export const declareRoles: Declare = (program, run) => {
  program
    .command("roles")
    .description("list the roles that keys may have, with what each may")
    .addHelpText("after", examples("intellirouter roles"))
    .action(() => run(async (context) => (await import("../actions/roles.ts")).listRoles(context)));
};
