import { describe, expect, test } from "bun:test";
import { sampleDetail } from "../../test/contracts/learning-store.ts";
import type { DecidedCall } from "../core/ports/learning.ts";
import { createImplicitSignals } from "./implicit-signals.ts";

const call = (callId: string, changes: Partial<DecidedCall> = {}): DecidedCall => ({
  callId,
  tenant: "default",
  keyId: "key-1",
  userId: null,
  route: "smart",
  startedAt: 1_000,
  outcome: "ok",
  targets: ["a/b"],
  target: "a/b",
  costUsd: 0,
  durationMilliseconds: 10,
  detail: sampleDetail(),
  ...changes,
});
const fine = { errorCode: null, hasContent: true, ending: undefined, outputTokens: 10 };

describe("signs", () => {
  const after = (changes: Partial<DecidedCall>) => {
    const signals = createImplicitSignals();
    expect(signals.observe({ ...fine, call: call("first") })).toEqual([]);
    return signals.observe({ ...fine, call: call("second", { startedAt: 60_000, ...changes }) });
  };
  test("the same question again says something of the first answer", () => {
    expect(after({})).toEqual([
      {
        id: "implicit\nagain",
        callId: "first",
        tenant: "default",
        giver: "program",
        source: "implicit",
        reward: 0.25,
        at: 60_010,
      },
    ]);
  });
  const others: readonly [string, Partial<DecidedCall>][] = [
    ["much later", { startedAt: 400_000 }],
    ["of somebody else", { keyId: "key-2" }],
    ["of another tenant", { tenant: "acme" }],
    ["to another route", { route: "other" }],
    ["in other words", { detail: sampleDetail({ features: "other" }) }],
  ];
  test.each(others)("a question %s says nothing", (_, changes) => expect(after(changes)).toEqual([]));

  test("nothing is said where nobody knows who asks, or what", () => {
    const { features: _, ...without } = sampleDetail();
    const signals = createImplicitSignals();
    for (const id of ["a", "b"]) {
      expect(signals.observe({ ...fine, call: call(id, { keyId: null }) })).toEqual([]);
      expect(signals.observe({ ...fine, call: call(id, { detail: without }) })).toEqual([]);
    }
  });

  test("an answer that was cut off by its reader, or refused", () => {
    const signals = createImplicitSignals();
    const aborted = { outcome: "aborted", keyId: null } as const;
    expect(signals.observe({ ...fine, call: call("a", aborted) })).toMatchObject([{ callId: "a", reward: 0.35 }]);
    expect(signals.observe({ ...fine, hasContent: false, call: call("b", aborted) })).toEqual([]);
    const refused = { ...fine, errorCode: "content_policy_violation", hasContent: false };
    for (const ending of ["refusal", "contentFilter"] as const)
      expect(signals.observe({ ...fine, ending, call: call("d", { keyId: null }) })).toMatchObject([{ reward: 0.1 }]);
    const cut = { ...fine, ending: "length", call: call("e", { keyId: null }) } as const;
    expect(signals.observe({ ...cut, outputTokens: 2_000 })).toMatchObject([{ reward: 0.3 }]);
    // A client that asks for few tokens gets what it asked for.
    expect(signals.observe({ ...cut, outputTokens: 64 })).toEqual([]);
    expect(signals.observe({ ...refused, call: call("c", { keyId: null }) })).toMatchObject([{ reward: 0.1 }]);
  });
});
