import { Option } from "commander";
import { type Declare, examples } from "../declare.ts";

const load = () => import("../actions/audit.ts");

export const declareAudit: Declare = (program, run) => {
  const audit = program
    .command("audit")
    .description("show and verify the record of administrative acts")
    .addHelpText(
      "after",
      examples("intellirouter audit", "intellirouter audit list --action key --since 7d", "intellirouter audit verify"),
    );
  audit
    .command("list", { isDefault: true })
    .description("list acts, newest first")
    .option("--since <when>", "a duration back from now (24h, 7d) or a date (2026-11-01)")
    .option("--action <action>", "only these: key.create, or key for all of keys")
    .option("--actor <actor>", "only of this one: a key's id, local, open, environment, file, program")
    .option("--limit <number>", "how many", "50")
    .action((options) => run(async (context) => (await load()).listAudit(context, options)));
  audit
    .command("verify")
    .description("walk the chain of hashes; exit 1 where it does not hold")
    .addHelpText(
      "after",
      `
Changes nothing, and may run while the gateway does: the data folder itself is read, or with --url that gateway is asked.
${examples("intellirouter audit verify", "intellirouter audit verify --json --data /var/lib/intellirouter")}`,
    )
    .action(() => run(async (context) => (await load()).verifyAudit(context)));
  audit
    .command("export")
    .description("print every act, oldest first, one JSON document a line")
    .addOption(new Option("--format <format>", "how").choices(["jsonl"]).default("jsonl"))
    .option("--since <when>", "as above")
    .addHelpText("after", examples("intellirouter audit export --format jsonl > audit.jsonl"))
    .action((options) => run(async (context) => (await load()).exportAudit(context, options)));
};
