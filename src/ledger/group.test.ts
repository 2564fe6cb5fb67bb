import { expect, test } from "bun:test";
import { sampleAttempt, sampleCall, sampleDispatch } from "../../test/contracts/sample-calls.ts";
import type { SegmentRecord } from "./frame.ts";
import { groupRecords } from "./group.ts";

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

test("groupRecords: says of which calls an attempt began before", () => {
  const { begunBefore, answered } = groupRecords([
    sampleDispatch("a"),
    settled("a"),
    settled("b"),
    sampleDispatch("c", { attempt: 2 }),
    { type: "settled", call: sampleCall("c", { attempts: [sampleAttempt(), sampleAttempt({ number: 2 })] }) },
  ]);
  expect([...begunBefore]).toEqual(["b", "c"]);
  expect(answered.map(({ call, attempt }) => `${call.id} ${attempt}`)).toEqual(["a 1", "c 2"]);
});
