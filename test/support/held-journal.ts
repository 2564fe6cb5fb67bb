import type { GatewayError } from "../../src/core/errors.ts";
import type { JournalRecord } from "../../src/core/ledger.ts";
import type { Journal, OnWritten } from "../../src/core/ports/journal.ts";

interface Held {
  readonly record: JournalRecord;
  readonly onWritten: OnWritten | undefined;
  readonly write: PromiseWithResolvers<void>;
}

/** A journal whose records are written, or refused, when the test says so. */
export const openHeldJournal = () => {
  const written: JournalRecord[] = [];
  let held: Held[] = [];
  const journal: Journal = {
    append(record, onWritten) {
      const write = Promise.withResolvers<void>();
      held.push({ record, onWritten, write });
      return write.promise;
    },
    flushed: () => undefined,
  };
  const takeHeld = (): readonly Held[] => {
    const all = held;
    held = [];
    return all;
  };
  return {
    journal,
    written,
    /** What waits to be written: `settled` or `dispatched`. */
    held: () => held.map(({ record }) => record.type),
    write(): void {
      for (const { record, onWritten, write } of takeHeld()) {
        written.push(record);
        onWritten?.(undefined);
        write.resolve();
      }
    },
    refuse(error: GatewayError): void {
      for (const { onWritten, write } of takeHeld()) {
        onWritten?.(error);
        write.reject(error);
      }
    },
  };
};
