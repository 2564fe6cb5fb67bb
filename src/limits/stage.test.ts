import { beforeEach, describe, expect, test } from "bun:test";
import type { Call, Next, Reply } from "../core/call.ts";
import { GatewayError } from "../core/errors.ts";
import { CountedLimits } from "./counted-limits.ts";
import type { LimitRule } from "./settings.ts";
import { limitsStage } from "./stage.ts";
import { callOf, target } from "./testing.ts";

const reply = { kind: "whole" } as Reply;
let limits: CountedLimits;
let passed: Call[];
let number = 0;
const next: Next = async (call) => {
  passed.push(call);
  return reply;
};
beforeEach(() => {
  limits = new CountedLimits({ monotonic: () => 0 });
  passed = [];
});

const run = async (rules: readonly LimitRule[], fields: Parameters<typeof callOf>[0] = {}) => {
  const made = callOf({ id: `call ${++number}`, ...fields });
  const outcome = await limitsStage({ limits, rules })(made.call, next).catch((error: unknown) => error);
  if (outcome instanceof GatewayError) made.scope.finish({ outcome: "error", status: 429, error: outcome });
  return { ...made, outcome };
};
const hourly = (changes: Partial<LimitRule>): LimitRule => ({ scope: "everyone", per: "hour", ...changes });

describe("the stage", () => {
  test("a call that no rule concerns passes untouched", async () => {
    const { call, scope } = await run([hourly({ scope: "team", requests: 1 })]);
    expect(passed).toEqual([call]);
    expect([scope.limits, limits.open]).toEqual([null, 0]);
  });

  test("a call within its limits passes as it is, with their standing", async () => {
    const { call, scope } = await run([hourly({ requests: 5 })]);
    expect(passed[0]).toBe(call);
    expect(scope.limits?.requests?.remaining).toBe(4);
  });

  test("a refused one goes no further, and leaves nothing in the journal", async () => {
    const rules = [hourly({ scope: "key", requests: 1 })];
    const first = await run(rules);
    first.scope.dispatch(target("p/m"), null);
    first.scope.finish({ outcome: "ok", status: 200 });
    const { outcome, journal, scope } = await run(rules);
    expect(outcome).toMatchObject({
      code: "rate_limit_exceeded",
      message: "This gateway's limit of 1 request per hour for key 'k' is reached. Try again in 3,600 seconds.",
      retryAfterMilliseconds: 3_600_000,
    });
    expect([passed.length, journal.length, scope.limits?.requests?.remaining]).toEqual([1, 0, 0]);
    expect(first.journal.map(({ type }) => type)).toEqual(["dispatched", "settled"]);
  });

  test("ends its reservation with the call, once", async () => {
    const { scope } = await run([hourly({ tokens: 5_000, concurrent: 1 })]);
    const attempt = scope.dispatch(target("p/m"), null);
    attempt.usage({ inputTokens: 10, outputTokens: 20 });
    attempt.end("ok");
    expect(limits.open).toBe(1);
    scope.finish({ outcome: "ok", status: 200 });
    scope.finish({ outcome: "ok", status: 200 });
    expect(limits.open).toBe(0);
    const second = await run([hourly({ tokens: 5_000, concurrent: 1 })], { request: { maxOutputTokens: 0 } });
    expect(second.scope.limits?.tokens?.remaining).toBe(5_000 - 30 - 100);
  });

  test("a call that reached no provider counts for nothing", async () => {
    const rules = [hourly({ requests: 1, tokens: 2_000 })];
    const { scope } = await run(rules);
    scope.finish({ outcome: "error", status: 400 });
    expect((await run(rules)).outcome).toBe(reply);
  });

  test("a call that is over before it is let on holds nothing", async () => {
    const { call, scope } = callOf({ id: "gone" });
    const late = { reserve: async (demand: never) => limits.reserve(demand) };
    const stage = limitsStage({
      limits: Object.assign(late, { settle: () => undefined, release: (id: string) => limits.release(id) }),
      rules: [hourly({ concurrent: 1 })],
    });
    const running = stage(call, next);
    scope.finish({ outcome: "aborted", status: 499 });
    await running;
    expect(limits.open).toBe(0);
  });

  test("of a route's models those whose limit is reached are left out, until none is left", async () => {
    const rules = [hourly({ scope: "model", requests: 1 })];
    const both = { targets: ["p/a", "p/b"] };
    const names = () => passed.at(-1)?.route.candidates.map(({ target: { id } }) => id);
    const first = await run(rules, both);
    expect(names()).toEqual(["p/a", "p/b"]);
    first.scope.dispatch(target("p/a"), null);
    first.scope.finish({ outcome: "ok", status: 200 });
    // The model that was not tried has its share back.
    const second = await run(rules, both);
    expect(names()).toEqual(["p/b"]);
    second.scope.dispatch(target("p/b"), null);
    second.scope.finish({ outcome: "ok", status: 200 });
    expect((await run(rules, both)).outcome).toMatchObject({ code: "rate_limit_exceeded" });
  });

  test("what can never be granted says so", async () => {
    const { outcome } = await run([hourly({ scope: "tenant", tokens: 1_000 })]);
    expect(outcome).toMatchObject({
      retryAfterMilliseconds: Number.POSITIVE_INFINITY,
      message: expect.stringMatching(
        /^This request alone may take 1,124 tokens, more than .* 1,000 tokens per hour for tenant/,
      ),
    });
  });
});
