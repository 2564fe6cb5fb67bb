import { describe, expect, test } from "bun:test";
import { estimateTextTokens } from "../../src/core/estimate-text-tokens.ts";
import { promptTokens, textOf } from "../upstream/behaviour.ts";
import type { Dispatch } from "../upstream/journal.ts";
import { answerChecks } from "./answer-checks.ts";
import { type Books, compareBooks } from "./compare-ledger.ts";
import type { AttemptRow, CallRow } from "./ledger-rows.ts";
import type { Receipt } from "./receipt.ts";

const model = (number: number, query = "chunks=2") => `m-${number}?${query}`;

const receipt = (number: number, fields: Partial<Receipt> = {}): Receipt => {
  const name = fields.model ?? model(number);
  return {
    kind: "chat",
    model: name,
    leave: null,
    ending: "whole",
    requestId: `req_${number}`,
    status: 200,
    error: null,
    text: textOf(name, 2),
    sentAt: 0,
    endedAt: 10,
    ...fields,
  };
};
const dispatch = (number: number, fields: Partial<Dispatch> = {}): Dispatch => ({
  number,
  model: model(number),
  path: "/v1/chat/completions",
  streamed: false,
  receivedAt: 1,
  ending: { how: "finished", chunks: 2, at: 9 },
  ...fields,
});
const call = (number: number, fields: Partial<CallRow> = {}): CallRow => ({
  id: `req_${number}`,
  requestedModel: `fake/${fields.requestedModel ?? model(number)}`,
  outcome: "ok",
  status: 200,
  ...(fields.requestedModel === undefined ? fields : { ...fields, requestedModel: `fake/${fields.requestedModel}` }),
});
const attempt = (number: number, fields: Partial<AttemptRow> = {}): AttemptRow => ({
  callId: `req_${number}`,
  number: 1,
  model: model(number),
  outcome: "ok",
  headersAfter: 3,
  inputTokens: promptTokens,
  outputTokens: 2,
  usageSource: "reported",
  delivered: 1,
  ...fields,
});

/** What the second call's first pieces count for. */
const tokensOf = (pieces: number): number => estimateTextTokens(textOf(model(2), pieces));

// The second call was left by its client after one piece; the third died with the program.
const agreeing: Books = {
  receipts: [
    receipt(1),
    receipt(2, { ending: "left", text: textOf(model(2), 1) }),
    receipt(3, { ending: "broken", requestId: null, status: null, text: "" }),
  ],
  dispatches: [
    dispatch(1),
    dispatch(2, { ending: { how: "aborted", chunks: 2, at: 5 } }),
    dispatch(3, { ending: { how: "aborted", chunks: 0, at: 5 } }),
  ],
  ledger: {
    calls: [call(1), call(2, { outcome: "aborted", status: 499 }), call(3, { outcome: "interrupted", status: 500 })],
    attempts: [
      attempt(1),
      attempt(2, { outcome: "aborted", usageSource: "estimated", outputTokens: tokensOf(1) }),
      attempt(3, {
        outcome: "interrupted",
        headersAfter: null,
        usageSource: "unknown",
        inputTokens: null,
        delivered: 0,
      }),
    ],
    openDispatches: 0,
    segments: [],
  },
};

const failing = (books: Books): string[] =>
  compareBooks(books).flatMap(({ name, faults }) => (faults.length > 0 ? [name] : []));

const withLedger = (ledger: Partial<Books["ledger"]>): Books => ({
  ...agreeing,
  ledger: { ...agreeing.ledger, ...ledger },
});

test("books that agree pass", () => {
  expect(failing(agreeing)).toEqual([]);
});

test("a client who left before its request did owes nothing", () => {
  const [first, second, third] = agreeing.ledger.attempts as [AttemptRow, AttemptRow, AttemptRow];
  const unsent: AttemptRow = { ...second, headersAfter: null, usageSource: "unknown", inputTokens: null, delivered: 0 };
  const receipts = agreeing.receipts.map((one) => (one.model === model(2) ? { ...one, text: "" } : one));
  const dispatches = agreeing.dispatches.filter((one) => one.model !== model(2));
  const books = { ...withLedger({ attempts: [first, unsent, third] }), receipts };
  expect(failing({ ...books, dispatches })).toEqual([]);
  expect(failing(books)).toEqual(["delivered ≤ recorded ≤ sent, and no hang-up is unbilled"]);
});

describe("books that do not agree fail:", () => {
  const { calls, attempts } = agreeing.ledger;
  const second = attempts[1] as AttemptRow;
  const cases: readonly [string, Books, string][] = [
    ["a lost attempt", withLedger({ attempts: attempts.slice(1) }), "every dispatch has its attempt row"],
    ["a lost call", withLedger({ calls: calls.slice(1) }), "every whole answer has its row"],
    ["a lost interrupted call", withLedger({ calls: calls.slice(0, 2) }), "none that was dispatched has no row"],
    ["a call twice", withLedger({ calls: [...calls, call(9, { requestedModel: model(1) })] }), "no call has two rows"],
    ["a dispatch twice", { ...agreeing, dispatches: [...agreeing.dispatches, dispatch(1)] }, "none arrived twice"],
    ["an attempt too many", withLedger({ attempts: [...attempts, attempt(1, { number: 2 })] }), "none arrived twice"],
    ["a dispatch of nobody", { ...agreeing, dispatches: [...agreeing.dispatches, dispatch(9)] }, "belongs to a call"],
    [
      "an answer recorded as interrupted",
      withLedger({ calls: [call(1, { outcome: "interrupted", status: 500 }), ...calls.slice(1)] }),
      "every whole answer has its row",
    ],
    [
      "an error that is not recorded",
      { ...agreeing, receipts: [receipt(1, { ending: "refused", status: 503 }), ...agreeing.receipts.slice(1)] },
      "every error that a client was told",
    ],
    [
      "an unanswered call recorded as ok",
      withLedger({ calls: [...calls.slice(0, 2), call(3)] }),
      "nothing is recorded as ok",
    ],
    ["a gap", withLedger({ attempts: [attempt(1, { number: 2 }), ...attempts.slice(1)] }), "numbered without gaps"],
    [
      "usage other than reported",
      withLedger({ attempts: [attempt(1, { outputTokens: 3 }), ...attempts.slice(1)] }),
      "delivered ≤ recorded",
    ],
    [
      "a hang-up without its bill",
      withLedger({ attempts: attempts.with(1, { ...second, usageSource: "unknown", inputTokens: null }) }),
      "no hang-up is unbilled",
    ],
    [
      "too little recorded",
      withLedger({ attempts: attempts.with(1, { ...second, outputTokens: tokensOf(1) - 1 }) }),
      "delivered ≤",
    ],
    [
      "too much recorded",
      withLedger({ attempts: attempts.with(1, { ...second, outputTokens: tokensOf(2) + 1 }) }),
      "delivered ≤",
    ],
    ["an open dispatch", withLedger({ openDispatches: 1 }), "the journal is taken in whole"],
    ["a segment", withLedger({ segments: ["x.journal"] }), "the journal is taken in whole"],
  ];
  for (const [what, books, check] of cases)
    test(what, () => {
      expect(failing(books).some((name) => name.includes(check))).toBe(true);
    });
});

describe("answers", () => {
  const cases: readonly [string, Receipt, boolean][] = [
    ["right", receipt(1), true],
    ["of another call", receipt(1, { text: textOf(model(2), 2) }), false],
    ["cut and taken for whole", receipt(1, { text: textOf(model(1), 1) }), false],
    ["left half-way", receipt(1, { ending: "left", text: textOf(model(1), 1) }), true],
    ["broken", receipt(1, { ending: "broken" }), false],
    ["failed by the gateway", receipt(1, { ending: "refused", status: 500, text: "" }), false],
    [
      "failed by the upstream",
      receipt(1, { model: model(1, "status=503"), ending: "refused", status: 503, text: "" }),
      true,
    ],
    ["malformed and refused", receipt(1, { kind: "malformed", ending: "refused", status: 400, text: "" }), true],
    ["malformed and accepted", receipt(1, { kind: "malformed" }), false],
  ];
  for (const [what, one, holds] of cases)
    test(`${what}: ${holds ? "pass" : "fail"}`, () => {
      expect(answerChecks([one]).every(({ faults }) => faults.length === 0)).toBe(holds);
    });
});
