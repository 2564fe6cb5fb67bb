import type { JournalRecord } from "../ledger.ts";

/**
 * The append-only record of money, ahead of the database. `append` returns once the record is in the operating system
 * (it then survives the death of the process); with `durability: power` the promise of `flushed` says when it is on
 * the disk. Throws GatewayError `storage_unavailable` when it could not be written whole.
 */
export interface Journal {
  append(record: JournalRecord): void;
  /** Resolves when all that was appended has reached the durability that was configured; at once by default. */
  flushed(): Promise<void> | undefined;
}
