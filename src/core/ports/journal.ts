import type { GatewayError } from "../errors.ts";
import type { JournalRecord } from "../ledger.ts";

/**
 * Told once, and never before `append` has returned, what became of a record: undefined where it was written (or, of a
 * call that owes nothing, will be), else why it was not. Must not throw.
 */
export type OnWritten = (failure: GatewayError | undefined) => void;

/**
 * The append-only record of money, ahead of the database. What is appended within one turn of the event loop is written
 * at its end, by one write for all: a record that is written is in the operating system and survives the death of the
 * process.
 */
export interface Journal {
  /**
   * Takes a record. The promise, one for all records of the turn, resolves once they are written, after `onWritten` was
   * told; it rejects with GatewayError `storage_unavailable` where none of them could be. Undefined where the record is
   * written already: `onWritten` is not told then. Throws `storage_unavailable` where it is known that nothing can be
   * written.
   */
  append(record: JournalRecord, onWritten?: OnWritten): Promise<void> | undefined;
  /**
   * Resolves when all that was written has reached the durability that was configured: with `power`, the disk.
   * Undefined where it has.
   */
  flushed(): Promise<void> | undefined;
}
