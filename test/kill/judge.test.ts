import { describe, expect, test } from "bun:test";
import type { Receipt } from "../support/receipt.ts";
import type { Dispatch } from "../upstream/journal.ts";
import { failureCheck, inFlightCheck, interruptionCheck, type Kill } from "./judge.ts";

const kill: Kill = { at: 100, aim: "random", inFlight: 250, openUpstream: 220 };

test("kills must be as many as were asked for, each with enough in flight", () => {
  expect(inFlightCheck([kill, kill], 2).faults).toEqual([]);
  expect(inFlightCheck([kill], 2).faults).not.toEqual([]);
  expect(inFlightCheck([kill, { ...kill, openUpstream: 199 }], 2).faults).not.toEqual([]);
});

describe("a call that was open at the kill", () => {
  const open: Dispatch = {
    number: 1,
    model: "m-1",
    path: "/v1/chat/completions",
    streamed: true,
    receivedAt: 90,
    ending: { how: "aborted", chunks: 1, at: 102 },
  };
  const cases: readonly [string | undefined, boolean][] = [
    ["interrupted", true],
    ["ok", false],
    ["aborted", false],
    [undefined, false],
  ];
  for (const [outcome, holds] of cases)
    test(`recorded as ${outcome ?? "nothing"}: ${holds ? "pass" : "fail"}`, () => {
      const calls = outcome === undefined ? [] : [{ id: "req_1", requestedModel: "fake/m-1", outcome, status: 500 }];
      const ledger = { calls, attempts: [], openDispatches: 0, segments: [] };
      expect(interruptionCheck([kill], { dispatches: [open], ledger }).faults.length === 0).toBe(holds);
    });
});

test("a call may break by a kill, and not without one", () => {
  const receipt: Receipt = {
    kind: "chat",
    model: "m-1",
    leave: null,
    ending: "broken",
    requestId: null,
    status: null,
    error: "reset",
    text: "",
    sentAt: 95,
    endedAt: 104,
  };
  expect(failureCheck([receipt], [kill]).faults).toEqual([]);
  expect(failureCheck([{ ...receipt, sentAt: 300, endedAt: 310 }], [kill]).faults).not.toEqual([]);
});
