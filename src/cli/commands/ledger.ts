import { type Declare, examples } from "../declare.ts";

export const declareLedger: Declare = (program, run) => {
  const ledger = program.command("ledger").description("look after the record of calls and money");
  ledger
    .command("verify")
    .description("reconcile calls, attempts, dispatches and journal; exit 1 on any difference")
    .addHelpText(
      "after",
      `
Changes nothing, and may run while the gateway does. Every amount is computed again from the price and the usage that
stand beside it.
${examples("intellirouter ledger verify", "intellirouter ledger verify --json --data /var/lib/intellirouter")}`,
    )
    .action(() => run(async (context) => (await import("../actions/ledger.ts")).verifyLedger(context)));
};
