import { type Declare, examples } from "../declare.ts";

export const declareRoute: Declare = (program, run) => {
  program
    .command("route")
    .argument("[prompt]", "what would be asked; without it, standard input")
    .description("show where a call would go, and why, without calling")
    .option("-m, --model <name>", "a model or route; `intellirouter models` lists them")
    .option("-s, --system <text>", "system prompt")
    .addHelpText(
      "after",
      examples(
        'intellirouter route "Why is the sky blue?" --model smart',
        'git diff | intellirouter route --model smart --system "Review this change" --json',
      ),
    )
    .action((prompt, options) =>
      run(async (context) => (await import("../actions/route.ts")).previewRoute(context, prompt, options)),
    );
};
