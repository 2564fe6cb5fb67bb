import { Argument } from "commander";
import { type Declare, examples } from "../declare.ts";

export const declareCompletion: Declare = (program, run) => {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "whose script to print").choices(["bash", "zsh", "fish"]))
    .description("print a script that completes commands and options in your shell")
    .addHelpText(
      "after",
      examples(
        "intellirouter completion bash > ~/.local/share/bash-completion/completions/intellirouter",
        "intellirouter completion zsh > ~/.zsh/completions/_intellirouter",
        "intellirouter completion fish > ~/.config/fish/completions/intellirouter.fish",
      ),
    )
    .action((shell) =>
      run(async ({ print }) => {
        const { completionScript } = await import("../completion/script.ts");
        const script = completionScript(shell, program);
        print({ shell, script }, () => script);
      }),
    );
};
