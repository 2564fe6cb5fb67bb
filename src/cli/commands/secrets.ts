import { type Declare, examples } from "../declare.ts";

const load = () => import("../actions/secrets.ts");

export const declareSecrets: Declare = (program, run) => {
  const secrets = program
    .command("secrets")
    .description("the encryption of the providers' credentials that stand in the database")
    .addHelpText("after", examples("intellirouter secrets", "intellirouter secrets rotate"));
  secrets
    .command("show", { isDefault: true })
    .description("show which master key is in use, and for which providers; no secret is shown")
    .action(() => run(async (context) => (await load()).showSecrets(context)));
  secrets
    .command("rotate")
    .description("make a new master key and bring all credentials under it")
    .addHelpText(
      "after",
      `
The file master-key in the data folder then holds the new key only: older backups of the database need the older file.
Where INTELLIROUTER_MASTER_KEY gives the key, put the new one there and the former one into
INTELLIROUTER_MASTER_KEY_PREVIOUS, and start the gateway again.
${examples("intellirouter secrets rotate")}`,
    )
    .action(() => run(async (context) => (await load()).rotateSecrets(context)));
  secrets
    .command("forget")
    .description("take away the credentials whose master key is lost")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", examples("intellirouter secrets forget --yes"))
    .action((options) => run(async (context) => (await load()).forgetSecrets(context, options)));
};
