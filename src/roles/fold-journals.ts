import type { GatewayError } from "../core/errors.ts";
import { type LedgerThread, startLedgerThread } from "./ledger-thread.ts";
import type { Base } from "./open-base.ts";

export interface FoldingParts {
  /** Ends the program. */
  readonly fail: (error: Error) => void;
  /** Told why no call may be taken, while the database's disk takes nothing; undefined once it does again. */
  readonly onRefusal: (refusal: GatewayError | undefined) => void;
}

/** Takes all journals of the data folder into the database, from now on. */
export const foldJournals = (base: Base, { fail, onRefusal }: FoldingParts): LedgerThread => {
  const { folder, durability, loaded, log } = base;
  let isRefusing = false;
  return startLedgerThread({
    database: folder.database,
    directory: folder.journal,
    durability,
    intervalMilliseconds: loaded.value.ledger.foldMilliseconds,
    onProblem: (message) => log.logger.error("ledger", { reason: message }),
    onDiskFault(error, code) {
      isRefusing = true;
      onRefusal(error);
      // After a failed sync the system may have dropped the pages: no later success would mean anything.
      if (durability === "power" && code.endsWith("FSYNC")) fail(error);
    },
    onRecovered() {
      if (isRefusing) log.logger.info("the ledger takes rows again");
      isRefusing = false;
      onRefusal(undefined);
    },
  });
};
