import { type Declare, examples } from "../declare.ts";

export const declareLearning: Declare = (program, run) => {
  const learning = program
    .command("learning")
    .description("look after what is learned from calls")
    .addHelpText("after", examples("intellirouter learning forget user_4fW1nW0gkQ2x --tenant acme"));
  learning
    .command("forget")
    .argument("<user>", "the id of a user, or the name that clients give as `user`")
    .description("forget what was learned from a user: features, feedback, and whose calls they were")
    .option("--tenant <tenant>", "the user's tenant; your own where this is left out")
    .option("-y, --yes", "do not ask")
    .action((user, options) =>
      run(async (context) => (await import("../actions/learning.ts")).forgetUser(context, user, options)),
    );
};
