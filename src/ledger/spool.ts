import type { CallRecord } from "../core/ledger.ts";

/** Calls that dispatched nothing are worth so many places: they are kept as long as there is room for them. */
const mostFree = 1_000;

/** Settlements that found no room on the disk: the last of each call, in the order in which they came. */
export class Spool {
  readonly #owed = new Map<string, CallRecord>();
  readonly #free = new Map<string, CallRecord>();

  keep(record: CallRecord): void {
    if (record.attempts.length > 0) this.#owed.set(record.id, record);
    else if (this.#free.size < mostFree) this.#free.set(record.id, record);
  }

  drop(id: string): void {
    this.#owed.delete(id);
    this.#free.delete(id);
  }

  /** Those that cost something come first. A copy: records may be dropped on the way. */
  records(): readonly CallRecord[] {
    return [...this.#owed.values(), ...this.#free.values()];
  }
}
