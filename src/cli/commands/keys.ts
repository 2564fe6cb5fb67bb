import { collect, type Declare, examples } from "../declare.ts";

const load = () => import("../actions/keys.ts");

export const declareKeys: Declare = (program, run) => {
  const keys = program
    .command("keys")
    .description("list, create, rotate and revoke the keys that clients call the gateway with")
    .addHelpText(
      "after",
      examples(
        "intellirouter keys",
        "intellirouter keys create laptop --expires 90d",
        "intellirouter keys rotate laptop --overlap 1h",
      ),
    );
  keys
    .command("list", { isDefault: true })
    .description("list keys; the keys themselves are never shown")
    .action(() => run(async (context) => (await load()).listKeys(context)));
  keys
    .command("create")
    .argument("<name>", "what the key is for")
    .description("create a key and show it, this once")
    .option(
      "--role <role>",
      "what it may do: viewer, developer, operator, admin, or a role of the configuration",
      "developer",
    )
    .option("--tenant <tenant>", "the tenant it belongs to; your own key's where this is left out")
    .option("--tenant-only", "bind it to its tenant, though it is made by the platform's administrator")
    .option("--routes <names>", "only these routes; separated by commas, may be repeated", collect)
    .option("--models <names>", "only these models or targets; likewise", collect)
    .option("--team <team>", "the team it belongs to")
    .option("--user <id>", "the user it belongs to")
    .option("--addresses <ranges>", "only from these addresses, such as 10.0.0.0/8; likewise", collect)
    .option("--limit <limit>", "requests=60/minute, tokens=100000/day or concurrent=5; likewise", collect)
    .option("--priority <priority>", "high, normal or low: who comes first where a limit keeps shares")
    .option("--deny-models <names>", "not these models or targets, whatever else allows them; likewise", collect)
    .option("--fixed-model <name>", "ask this model or route, whatever the client asks for")
    .option("--strategy <name>", "in the place of the routes' own strategies")
    .option("--no-routing", "no routes, only models and targets by their names")
    .option("--expires <when>", "a duration from now (90d) or a date (2027-01-01)")
    .addHelpText(
      "after",
      examples("intellirouter keys create laptop", "intellirouter keys create ci --routes fast,cheap --expires 30d"),
    )
    .action((name, options) => run(async (context) => (await load()).createKey(context, name, options)));
  keys
    .command("update")
    .argument("<key>", "its id or name")
    .description("change a key; what is left out stays as it is")
    .option("--name <name>", "what the key is for")
    .option("--role <role>", "what it may do")
    .option("--team <team>", "the team it belongs to; empty: none")
    .option("--user <id>", "the user it belongs to; empty: none")
    .option("--routes <names>", "only these routes; empty: all", collect)
    .option("--models <names>", "only these models or targets; empty: all", collect)
    .option("--addresses <ranges>", "only from these addresses; empty: all", collect)
    .option("--priority <priority>", "high, normal or low")
    .option("--limit <limit>", "in the place of its present limits: requests=60/minute; empty: none", collect)
    .option("--expires <when>", "a duration from now (90d) or a date (2027-01-01)")
    .addHelpText("after", examples("intellirouter keys update laptop --limit requests=60/minute --limit concurrent=5"))
    .action((key, options) => run(async (context) => (await load()).updateKey(context, key, options)));
  keys
    .command("rotate")
    .argument("<key>", "its id or name")
    .description("replace a key by a new one with the same rights, and show that, this once")
    .option("--overlap <duration>", "how long the old key still works, such as 1h", "0s")
    .addHelpText("after", examples("intellirouter keys rotate laptop --overlap 24h"))
    .action((key, options) => run(async (context) => (await load()).rotateKey(context, key, options)));
  keys
    .command("revoke")
    .argument("<key>", "its id or name")
    .description("end a key at once and for good")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", examples("intellirouter keys revoke laptop"))
    .action((key, options) => run(async (context) => (await load()).revokeKey(context, key, options)));
};
