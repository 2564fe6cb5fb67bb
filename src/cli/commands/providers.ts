import type { Command } from "commander";
import { type Declare, examples } from "../declare.ts";

const load = () => import("../actions/providers.ts");

const withSettings = (command: Command): Command =>
  command
    .option("--base-url <url>", "address of its API (default: the kind's own)")
    .option("--key-from <reference>", "where its key is: env:NAME or file:PATH, read when the gateway needs it")
    .option("--key-stdin", "read its key from standard input")
    .option("--priority <number>", "lower comes first where several serve a model")
    .option(
      "--option <name=value>",
      "an option of the kind; may be repeated",
      (value: string, before: readonly string[] = []) => [...before, value],
    );

export const declareProviders: Declare = (program, run) => {
  const providers = program
    .command("providers")
    .description("list and test the providers that calls can go to, and add or change them")
    .addHelpText(
      "after",
      examples(
        "intellirouter providers",
        "intellirouter providers test",
        "intellirouter providers add groq --kind groq --key-from env:GROQ_API_KEY",
      ),
    );
  providers
    .command("list", { isDefault: true })
    .description("list providers")
    .action(() => run(async (context) => (await load()).listProviders(context)));
  providers
    .command("test")
    .argument("[name]", "only this provider")
    .description("ask providers for their models; fails where one does not answer")
    .action((name) =>
      run(async (context) => (await import("../actions/test-providers.ts")).testProviders(context, name)),
    );
  withSettings(
    providers
      .command("add")
      .argument("<name>", "the name it gets here")
      .description("add a provider; asks for its key on a terminal")
      .requiredOption("--kind <kind>", "openai, anthropic, gemini, ollama, openai-compatible …"),
  )
    .addHelpText(
      "after",
      examples(
        "intellirouter providers add openai --kind openai",
        "intellirouter providers add lab --kind openai-compatible --base-url http://10.0.0.5:8080/v1 --key-from file:/run/secrets/lab",
        "pass show groq | intellirouter providers add groq --kind groq --key-stdin",
      ),
    )
    .action((name, options) => run(async (context) => (await load()).addProvider(context, name, options)));
  withSettings(providers.command("set").argument("<name>").description("change a provider that was added here"))
    .option("--no-key", "take its key away")
    .option("--enable", "use it")
    .option("--disable", "do not use it")
    .addHelpText(
      "after",
      examples("intellirouter providers set groq --priority 5", "intellirouter providers set groq --disable"),
    )
    .action((name, options) => run(async (context) => (await load()).setProvider(context, name, options)));
  providers
    .command("remove")
    .argument("<name>")
    .description("remove a provider that was added here; the configuration's stay")
    .option("-y, --yes", "do not ask")
    .action((name, options) => run(async (context) => (await load()).removeProvider(context, name, options)));
};
