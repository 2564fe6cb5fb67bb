import { expect, test } from "bun:test";
import { sampleCall, sampleDispatch } from "../../test/contracts/sample-calls.ts";
import { groupRecords } from "./group.ts";
import type { SegmentRecord } from "./segment.ts";

const settled = (id: string): SegmentRecord => ({ type: "settled", call: sampleCall(id) });
const cases: Record<string, { records: SegmentRecord[]; open: string[]; settled: string[]; isClosed: boolean }> = {
  nothing: { records: [], open: [], settled: [], isClosed: false },
  "a call settled in the same group leaves no dispatch": {
    records: [sampleDispatch("a"), sampleDispatch("b"), sampleDispatch("a", { attempt: 2 }), settled("a")],
    open: ["b 1"],
    settled: ["a"],
    isClosed: false,
  },
  "each attempt of an open call stays": {
    records: [settled("a"), sampleDispatch("b"), sampleDispatch("b", { attempt: 2 })],
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
