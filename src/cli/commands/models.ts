import type { Command } from "commander";
import { collect, type Declare, examples } from "../declare.ts";

const load = () => import("../actions/models.ts");

const withFacts = (command: Command): Command =>
  command
    .option("--name <name>", "name for people")
    .option("--context <tokens>", "context window, such as 128000 or 128k")
    .option("--max-output <tokens>", "longest answer")
    .option("--input-price <usd>", "USD per million input tokens")
    .option("--output-price <usd>", "USD per million output tokens")
    .option("--tools", "takes tools")
    .option("--no-tools", "takes no tools")
    .option("--reasoning", "reasons")
    .option("--no-reasoning", "does not reason")
    .option("--embeddings", "serves embeddings rather than chat")
    .option("--tags <tags>", "separated by commas; may be repeated", collect)
    .option("--region <name>", "where it runs, such as eu")
    .option("--quality <tier>", "basic, good, high or exceptional")
    .option("--speed <speed>", "slow, medium or fast")
    .option("--best-for <tasks>", "kinds of task, separated by commas; may be repeated", collect);

export const declareModels: Declare = (program, run) => {
  const models = program
    .command("models")
    .description("list the models that the gateway knows, and add or change them")
    .addHelpText(
      "after",
      examples(
        "intellirouter models --provider openai",
        "intellirouter models --search llama",
        "intellirouter models add local/qwen3 --context 32k --tools",
      ),
    );
  models
    .command("list", { isDefault: true })
    .description("list models")
    .option("--provider <name>", "only models of this provider")
    .option("--search <text>", "only models with this text in their id, name or family")
    .option("--limit <count>", "at most so many", "1000")
    .action((options) => run(async (context) => (await load()).listModels(context, options)));
  withFacts(models.command("add").argument("<model>", "provider/model").description("add a model of a provider"))
    .addHelpText(
      "after",
      examples("intellirouter models add openai/gpt-next --context 400k --input-price 1.25 --output-price 10"),
    )
    .action((model, options) => run(async (context) => (await load()).addModel(context, model, options)));
  withFacts(models.command("set").argument("<model>", "provider/model").description("change what is known of a model"))
    .option("--enable", "offer it")
    .option("--disable", "do not offer it")
    .addHelpText(
      "after",
      examples(
        "intellirouter models set openai/gpt-next --output-price 8",
        "intellirouter models set openai/gpt-next --disable",
      ),
    )
    .action((model, options) => run(async (context) => (await load()).setModel(context, model, options)));
  models
    .command("remove")
    .argument("<model>", "provider/model")
    .description("remove a model that was added or changed here; the configuration's stay")
    .option("-y, --yes", "do not ask")
    .action((model, options) => run(async (context) => (await load()).removeModel(context, model, options)));
};
