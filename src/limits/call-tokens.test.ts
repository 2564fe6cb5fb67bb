import { describe, expect, test } from "bun:test";
import type { Call } from "../core/call.ts";
import type { CallRecord } from "../core/ledger.ts";
import { expectedTokens, takenTokens, usualOutputTokens } from "./call-tokens.ts";
import { callOf } from "./testing.ts";

describe("what a call may take", () => {
  const cases: readonly (readonly [string, object, number])[] = [
    ["no limit of its own", {}, 100 + usualOutputTokens],
    ["a limit", { maxOutputTokens: 50 }, 150],
    ["no answer at all", { maxOutputTokens: 0 }, 100],
    ["many answers", { maxOutputTokens: 50, n: 128 }, 100 + 50 * 128],
    ["the best of several", { maxOutputTokens: 50, n: 2, bestOf: 5 }, 350],
    ["several prompts", { maxOutputTokens: 50, prompt: ["a", "b"] }, 200],
    ["a negative limit", { maxOutputTokens: -1e9 }, 100],
    ["an enormous limit", { maxOutputTokens: Number.MAX_SAFE_INTEGER, n: 128 }, 2e12],
    ["no number", { maxOutputTokens: Number.NaN }, 100],
  ];
  test.each(cases.map((one) => [...one] as const))("%s", (_, request, expected) => {
    expect(expectedTokens(callOf({ request }).call)).toBe(expected);
  });

  test("embeddings have no answer in tokens", () => {
    expect(expectedTokens(callOf({ operation: "embeddings" as Call["operation"] }).call)).toBe(100);
  });
});

describe("what a call took", () => {
  const used = (inputTokens: number, outputTokens: number) => ({
    usage: { inputTokens, outputTokens },
    costSource: "reported",
  });
  const refused = { usage: null, costSource: "none" };
  const unknown = { usage: null, costSource: "bound" };
  const cases: readonly (readonly [string, readonly object[], number])[] = [
    ["what was reported", [used(7, 5)], 12],
    ["of all attempts", [used(7, 5), refused, used(7, 1)], 20],
    ["nothing of a refused one", [refused], 0],
    ["all that was reserved where nobody knows", [unknown], 500],
    ["or more, if more is known", [unknown, used(600, 1)], 601],
    ["never less than nothing", [used(-5, Number.NaN)], 0],
    ["nor an absurd number", [used(1e300, 1e300)], 2e12],
  ];
  test.each(cases.map((one) => [...one] as const))("%s", (_, attempts, expected) => {
    expect(takenTokens({ attempts } as unknown as CallRecord, 500)).toBe(expected);
  });
});
