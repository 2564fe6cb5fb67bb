import type { DispatchedRecord } from "../core/ledger.ts";
import type { FoldedCall } from "../core/ports/ledger-store.ts";
import type { ReadDispatch, ReadRecord } from "./segment.ts";

export interface Grouped {
  /** Dispatches of calls that were not settled within these records. */
  readonly dispatched: readonly DispatchedRecord[];
  readonly settled: readonly FoldedCall[];
  /** The dispatches of one of the calls in `settled`. To be asked for before another stretch is read. */
  readonly answered: (call: string) => readonly DispatchedRecord[];
  /** Calls in `settled` that have attempts whose dispatches are not among these records. */
  readonly begunBefore: ReadonlySet<string>;
  /** Records that this program cannot read, as they stand. */
  readonly unknown: readonly string[];
  readonly isClosed: boolean;
}

/** Sorts records for the database; most dispatches are settled in the same group and need not be entered. */
export const groupRecords = (records: readonly ReadRecord[]): Grouped => {
  const open = new Map<string, ReadDispatch[]>();
  const settled: FoldedCall[] = [];
  const answered: ReadDispatch[] = [];
  const begunBefore = new Set<string>();
  const unknown: string[] = [];
  let isClosed = false;
  for (const record of records) {
    if (record.type === "closed") isClosed = true;
    else if (record.type === "settled") {
      const { call } = record;
      const own = open.get(call.id);
      settled.push(call);
      if (own === undefined || own.length !== call.attempts?.length) begunBefore.add(call.id);
      if (own === undefined) continue;
      for (const dispatch of own) answered.push(dispatch);
      open.delete(call.id);
    } else if (record.type === "dispatched") {
      const earlier = open.get(record.callId);
      if (earlier === undefined) open.set(record.callId, [record]);
      else earlier.push(record);
    } else unknown.push(record.type === "unknown" ? record.text : JSON.stringify(record));
  }
  const read = (dispatches: readonly ReadDispatch[]): readonly DispatchedRecord[] => {
    const all = dispatches.map((dispatch) => dispatch.read());
    return all.filter((record) => record.type === "dispatched");
  };
  const dispatched = [...open.values()].flat().map((dispatch) => dispatch.read());
  return {
    dispatched: dispatched.filter((record) => record.type === "dispatched"),
    settled,
    answered: (call) => read(answered.filter(({ callId }) => callId === call)),
    begunBefore,
    unknown: [...unknown, ...dispatched.filter((record) => record.type === "unknown").map(({ text }) => text)],
    isClosed,
  };
};
