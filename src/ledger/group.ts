import type { CallRecord, DispatchedRecord } from "../core/ledger.ts";
import type { ReadRecord } from "./segment.ts";

export interface Grouped {
  /** Dispatches of calls that were not settled within these records. */
  readonly dispatched: readonly DispatchedRecord[];
  readonly settled: readonly CallRecord[];
  /** Dispatches of the calls in `settled`. */
  readonly answered: readonly DispatchedRecord[];
  /** Records that this program cannot read, as they stand. */
  readonly unknown: readonly string[];
  readonly isClosed: boolean;
}

/** Sorts records for the database; most dispatches are settled in the same group and need not be entered. */
export const groupRecords = (records: readonly ReadRecord[]): Grouped => {
  const open = new Map<string, DispatchedRecord[]>();
  const settled: CallRecord[] = [];
  const answered: DispatchedRecord[] = [];
  const unknown: string[] = [];
  let isClosed = false;
  for (const record of records) {
    if (record.type === "closed") isClosed = true;
    else if (record.type === "settled") {
      settled.push(record.call);
      answered.push(...(open.get(record.call.id) ?? []));
      open.delete(record.call.id);
    } else if (record.type === "dispatched") {
      const earlier = open.get(record.call.id);
      if (earlier === undefined) open.set(record.call.id, [record]);
      else earlier.push(record);
    } else unknown.push(record.type === "unknown" ? record.text : JSON.stringify(record));
  }
  return { dispatched: [...open.values()].flat(), settled, answered, unknown, isClosed };
};
