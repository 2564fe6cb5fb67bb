import { expect, test } from "bun:test";
import { sampleAttempt, sampleCall, sampleDispatch } from "../../test/contracts/sample-calls.ts";
import type { DispatchedRecord } from "../core/ledger.ts";
import { groupRecords } from "./group.ts";
import type { ReadDispatch, ReadRecord } from "./segment.ts";

const dispatch = (id: string, changes: Partial<DispatchedRecord> = {}): ReadDispatch => ({
  type: "dispatched",
  callId: id,
  read: () => sampleDispatch(id, changes),
});
const settled = (id: string): ReadRecord => ({ type: "settled", call: sampleCall(id) });
const cases: Record<string, { records: ReadRecord[]; open: string[]; settled: string[]; isClosed: boolean }> = {
  nothing: { records: [], open: [], settled: [], isClosed: false },
  "a call settled in the same group leaves no dispatch": {
    records: [dispatch("a"), dispatch("b"), dispatch("a", { attempt: 2 }), settled("a")],
    open: ["b 1"],
    settled: ["a"],
    isClosed: false,
  },
  "each attempt of an open call stays": {
    records: [settled("a"), dispatch("b"), dispatch("b", { attempt: 2 })],
    open: ["b 1", "b 2"],
    settled: ["a"],
    isClosed: false,
  },
  "the end of a journal": { records: [settled("a"), { type: "closed" }], open: [], settled: ["a"], isClosed: true },
};

for (const [name, { records, ...expected }] of Object.entries(cases))
  test(`groupRecords: ${name}`, () => {
    const { dispatched, settled: calls, isClosed } = groupRecords(records);
    const open = dispatched.map(({ call, attempt }) => `${call.id} ${attempt}`);
    expect({ open, settled: calls.map(({ id }) => id), isClosed }).toEqual(expected);
  });

test("groupRecords: says of which calls an attempt began before", () => {
  const { begunBefore, answered } = groupRecords([
    dispatch("a"),
    settled("a"),
    settled("b"),
    dispatch("c", { attempt: 2 }),
    { type: "settled", call: sampleCall("c", { attempts: [sampleAttempt(), sampleAttempt({ number: 2 })] }) },
  ]);
  expect([...begunBefore]).toEqual(["b", "c"]);
  expect(["a", "b", "c"].flatMap(answered).map(({ call, attempt }) => `${call.id} ${attempt}`)).toEqual(["a 1", "c 2"]);
});
