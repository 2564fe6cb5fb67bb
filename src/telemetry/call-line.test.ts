import { describe, expect, test } from "bun:test";
import type { CallRecord } from "../core/ledger.ts";
import { callFields, createCallLine } from "./call-line.ts";
import { formatJson } from "./log-format.ts";
import { sampleAttempt, sampleCall } from "./testing.ts";

const time = Date.UTC(2026, 10, 26);
const expected = (record: CallRecord): string =>
  formatJson({ time, level: "info", message: "call", fields: callFields(record) });
const beginning = '{"time":"2026-11-26T00:00:00.000Z","level":"info","message":"call"';

const secret = "sk-hunter2hunter2";
const decided = { strategy: "priority", candidates: [], reason: 'the "first"\n' };

const changes: Readonly<Record<string, Partial<CallRecord>>> = {
  usual: {},
  "another model asked for": { requestedModel: "gpt-4o" },
  "no key": { keyId: null },
  "an empty key": { keyId: "" },
  "another key": { keyId: "key-8" },
  "another tenant": { tenant: "other" },
  "a team": { team: "search" },
  "not streamed": { streamed: false },
  "another operation": { operation: "embeddings" },
  "another route": { route: "slow" },
  "another model answered": { model: "gpt-4o-mini-2024" },
  "no content": { status: 204 },
  "left by the client": { outcome: "aborted", status: 499 },
  failed: { outcome: "error", status: 502, errorCode: "upstream_error", errorMessage: "It broke.", target: null },
  "failed without attempts": { outcome: "error", status: 400, attempts: [], target: null, model: null, usage: null },
  "failed at a target": {
    outcome: "error",
    status: 502,
    errorCode: "upstream_error",
    errorMessage: `Bearer ${secret}`,
  },
  "another provider": { attempts: [sampleAttempt({ provider: "azure" })] },
  "the second attempt answered": {
    attempts: [sampleAttempt({ target: "gpu/small", provider: "gpu" }), sampleAttempt({ number: 2 })],
  },
  "a secret for a model": { requestedModel: secret },
  "a secret behind the cut": { requestedModel: `${"m".repeat(300)} ${secret}` },
  "a secret that is as long as its mask": { requestedModel: "a://:12345@b" },
  "a forged line": { requestedModel: 'x\n{"level":"error"}\u2028\u202e' },
  "a long error": { errorMessage: "e".repeat(5_000) },
  "half a character": { route: "\ud800" },
  "another id": { id: "req_0123456789abcdef0123456789abcdef" },
  "an id with a secret": { id: `req ${secret}` },
  "no usage": { usage: null, usageSource: "unknown" },
  "half a pico": { costPicoUsd: 1, durationMilliseconds: 0.0004, timeToFirstContentMilliseconds: null },
  "large numbers": { costPicoUsd: 9e15, durationMilliseconds: 1e21, timeToFirstContentMilliseconds: 123456789.0126 },
  "no numbers": { durationMilliseconds: Number.NaN, timeToFirstContentMilliseconds: Number.POSITIVE_INFINITY },
  "no decision": { decision: null },
  "a decision to escape": { decision: { ...decided, fallback: `threw ${secret}` } },
  "a long decision": { decision: { ...decided, reason: "r".repeat(500) } },
};
const records = Object.values(changes).map((change) => sampleCall(change));

describe("the line of a call is what its fields make, to the letter", () => {
  for (const [what, change] of Object.entries(changes))
    test(`${what}, first and again, and between usual calls`, () => {
      const line = createCallLine();
      for (const record of [sampleCall(change), sampleCall(change), sampleCall(), sampleCall(change)])
        expect(`${beginning}${line(record)}}`).toBe(expected(record));
    });

  test("in whatever order calls come", () => {
    const line = createCallLine();
    for (const former of records)
      for (const record of records) {
        line(former);
        expect(`${beginning}${line(record)}}`).toBe(expected(record));
      }
  });

  test("also after more different calls than are remembered", () => {
    const line = createCallLine();
    for (let round = 0; round < 2; round++)
      for (let key = 0; key < 1_200; key++) {
        const record = sampleCall({ keyId: `key-${key}` });
        expect(line(record)).toContain(`"key":"key-${key}"`);
      }
    for (const record of records) expect(`${beginning}${line(record)}}`).toBe(expected(record));
  });

  test("without secrets", () => {
    const line = createCallLine();
    for (const record of [...records, ...records]) expect(line(record)).not.toContain("hunter2");
  });
});
