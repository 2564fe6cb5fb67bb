import type { CallRecord, DispatchedRecord } from "../core/ledger.ts";
import type { SegmentRecord } from "./segment.ts";

export interface Grouped {
  /** Dispatches of calls that were not settled within these records. */
  readonly dispatched: readonly DispatchedRecord[];
  readonly settled: readonly CallRecord[];
  readonly isClosed: boolean;
}

/** Sorts records for the database; most dispatches are settled in the same group and need not be entered. */
export const groupRecords = (records: readonly SegmentRecord[]): Grouped => {
  const open = new Map<string, DispatchedRecord[]>();
  const settled: CallRecord[] = [];
  let isClosed = false;
  for (const record of records) {
    if (record.type === "closed") isClosed = true;
    else if (record.type === "settled") {
      settled.push(record.call);
      open.delete(record.call.id);
    } else {
      const earlier = open.get(record.call.id);
      if (earlier === undefined) open.set(record.call.id, [record]);
      else earlier.push(record);
    }
  }
  return { dispatched: [...open.values()].flat(), settled, isClosed };
};
