import { describe, expect, test } from "bun:test";
import type { Receipt } from "../support/receipt.ts";
import type { Dispatch } from "../upstream/journal.ts";
import { abortCheck, descriptorCheck, memoryCheck, outcomeCheck, type Sample } from "./judge.ts";

const samples = (megabytes: (second: number) => number, length = 120): Sample[] =>
  Array.from({ length }, (_, second) => ({
    second,
    megabytes: megabytes(second),
    threads: 8,
    descriptors: 20,
    processorSeconds: 0,
  }));

describe("memory", () => {
  const cases: readonly [string, (second: number) => number, boolean][] = [
    ["flat", () => 100, true],
    ["growing only while warming up", (second) => Math.min(100, 50 + second * 2), true],
    ["one peak", (second) => (second === 100 ? 200 : 100), true],
    ["a leak of 9 MB a minute", (second) => 100 + second * 0.15, false],
    ["a step of 7 MB", (second) => (second < 80 ? 100 : 107), false],
  ];
  for (const [what, megabytes, holds] of cases)
    test(`${what}: ${holds ? "pass" : "fail"}`, () => {
      expect(memoryCheck(samples(megabytes), 30).faults.length === 0).toBe(holds);
    });
  test("a step of 4 MB fails where a third takes a minute", () => {
    expect(
      memoryCheck(
        samples((second) => (second < 150 ? 100 : 104), 240),
        30,
      ).faults,
    ).not.toEqual([]);
  });
  test("too few samples fail", () => {
    expect(memoryCheck(samples(() => 100).slice(0, 35), 30).faults).not.toEqual([]);
  });
});

test("descriptors may not be left over", () => {
  const [figures] = samples(() => 1) as [Sample];
  expect(descriptorCheck(figures, { ...figures, descriptors: 22 }).faults).toEqual([]);
  expect(descriptorCheck(figures, { ...figures, descriptors: 23 }).faults).not.toEqual([]);
});

const left: Receipt = {
  kind: "chat stream",
  model: "m-1",
  leave: { afterMilliseconds: 10 },
  ending: "left",
  requestId: null,
  status: null,
  error: null,
  text: "",
  sentAt: 0,
  endedAt: 10,
};
const dispatch = (ending: Dispatch["ending"]): Dispatch => ({
  number: 1,
  model: "m-1",
  path: "/v1/chat/completions",
  streamed: true,
  receivedAt: 5,
  ending,
});

describe("a client's going", () => {
  const cases: readonly [string, Dispatch["ending"], boolean][] = [
    ["soon", { how: "aborted", chunks: 0, at: 20 }, true],
    ["late", { how: "aborted", chunks: 0, at: 1_500 }, false],
    ["never", null, false],
    ["not before the whole answer was made", { how: "finished", chunks: 9, at: 1_500 }, false],
    ["when there was nothing left to abort", { how: "finished", chunks: 9, at: 9 }, false],
  ];
  for (const [what, ending, holds] of cases)
    test(`noticed ${what}: ${holds ? "pass" : "fail"}`, () => {
      expect(abortCheck([left], [dispatch(ending)]).faults.length === 0).toBe(holds);
    });

  const outcomes: readonly [string, boolean][] = [
    ["aborted", true],
    ["ok", false],
    ["error", false],
    ["interrupted", false],
  ];
  for (const [outcome, holds] of outcomes)
    test(`recorded as ${outcome}: ${holds ? "pass" : "fail"}`, () => {
      const calls = [{ id: "req_1", requestedModel: "fake/m-1", outcome, status: 499 }];
      const dispatches = [dispatch({ how: "aborted", chunks: 0, at: 20 })];
      expect(outcomeCheck([left], { dispatches, calls }).faults.length === 0).toBe(holds);
    });
});
