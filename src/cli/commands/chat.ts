import { type Declare, examples } from "../declare.ts";

export const declareChat: Declare = (program, run) => {
  program
    .command("chat")
    .argument("[prompt]", "what to ask; without it a conversation begins, or standard input is asked")
    .description("ask a model, or talk with one")
    .option("-m, --model <name>", "a model or route; `intellirouter models` lists them")
    .option("-s, --system <text>", "system prompt")
    .option("--stream", "show the answer while it comes (the default)")
    .option("--no-stream", "show the answer when it is complete")
    .option("--reasoning", "show the model's reasoning too, on standard error")
    .addHelpText(
      "after",
      examples(
        'intellirouter chat "Why is the sky blue?" --model openai/gpt-5',
        'git diff | intellirouter chat "Review this change" --verbose',
        'intellirouter chat --model fast --system "Answer in one sentence."',
        'intellirouter chat "Say hello" --json',
      ),
    )
    .action((prompt, options) =>
      run(async (context) => (await import("../actions/chat/chat.ts")).chat(context, prompt, options)),
    );
};
