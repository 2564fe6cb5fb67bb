import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../core/errors.ts";
import { type Priority, priorities } from "../core/priority.ts";
import { compileRules } from "./compile-rules.ts";
import { CountedLimits } from "./counted-limits.ts";
import type { LimitRule } from "./settings.ts";
import { limitsStage } from "./stage.ts";
import { callOf } from "./testing.ts";

const rule = (changes: Partial<LimitRule>): LimitRule => ({ scope: "everyone", ...changes });
const claimsOf = (rules: readonly LimitRule[], priority?: Priority) =>
  compileRules(rules)(callOf({ caller: priority === undefined ? {} : { priority } }).call);

describe("how far a priority may go", () => {
  const shares = { normal: 0.8, low: 0.5 };
  const cases: readonly (readonly [
    string,
    Partial<LimitRule>,
    readonly [high: number, normal: number, low: number],
  ])[] = [
    ["each its share", { requests: 1_000, per: "minute", shares }, [1_000, 800, 500]],
    ["of tokens", { tokens: 11, per: "minute", shares }, [11, 8, 5]],
    ["of open calls", { concurrent: 3, shares }, [3, 2, 1]],
    ["down to nothing", { concurrent: 1, shares: { low: 0 } }, [1, 1, 0]],
    ["low no further than normal", { concurrent: 10, shares: { normal: 0.3 } }, [10, 3, 3]],
    ["what is exact in decimals is", { requests: 100, per: "day", shares: { normal: 0.29, low: 0.28 } }, [100, 29, 28]],
    ["also of large ones", { tokens: 1e12, per: "day", shares: { normal: 0.57, low: 0.07 } }, [1e12, 57e10, 7e10]],
    ["all of a rule without shares", { requests: 7, per: "day" }, [7, 7, 7]],
  ];
  test.each(cases.map((one) => [...one] as const))("%s", (_, changes, expected) => {
    const amountOf = (priority: Priority): number | undefined => {
      const [claim] = claimsOf([rule(changes)], priority);
      return claim?.requests ?? claim?.tokens ?? claim?.concurrent;
    };
    expect(priorities.map(amountOf)).toEqual([...expected]);
  });

  test("who has none counts as normal; the stricter of two rules holds after shares", () => {
    const rules = [rule({ concurrent: 10, shares: { normal: 0.5 } }), rule({ concurrent: 8, shares: { low: 0.5 } })];
    expect(claimsOf(rules)).toEqual([
      { scope: "everyone", subject: "", windowMilliseconds: 0, concurrent: 5, priority: "normal" },
    ]);
    expect(claimsOf(rules, "high")).toEqual([{ scope: "everyone", subject: "", windowMilliseconds: 0, concurrent: 8 }]);
    expect(claimsOf(rules, "low")).toMatchObject([{ concurrent: 4 }]);
  });
});

describe("a refusal says whose share it is", () => {
  const refusal = async (changes: Partial<LimitRule>, calls: number): Promise<GatewayError | undefined> => {
    const limits = new CountedLimits({ monotonic: () => 0 });
    const stage = limitsStage({ limits, rules: [rule(changes)] });
    let last: unknown;
    for (let number = 0; number < calls; number++)
      last = await stage(
        callOf({ id: `${number}`, caller: { priority: "low" } }).call,
        async () => ({}) as never,
      ).catch((error: unknown) => error);
    return last instanceof GatewayError ? last : undefined;
  };
  const never = Number.POSITIVE_INFINITY;
  const cases: readonly (readonly [Partial<LimitRule>, number, string, number])[] = [
    [
      { requests: 10, per: "minute", shares: { low: 0.2 } },
      3,
      "This gateway's limit of 2 requests per minute for everyone together, the share of calls of low priority, is " +
        "reached. Try again in 60 seconds.",
      60_000,
    ],
    [
      { requests: 1, per: "minute", shares: { low: 0.9 } },
      1,
      "This gateway's limit for everyone together lets no calls of low priority on. Use a key of a higher one.",
      never,
    ],
    [
      { concurrent: 9, shares: { low: 0 } },
      1,
      "This gateway's limit for everyone together lets no calls of low priority on. Use a key of a higher one.",
      never,
    ],
  ];
  test.each(cases.map((one) => [...one] as const))("%j", async (changes, calls, message, wait) => {
    expect(await refusal(changes, calls)).toMatchObject({ message, retryAfterMilliseconds: wait });
    if (calls > 1) expect(await refusal(changes, calls - 1)).toBeUndefined();
  });
});

describe("whatever comes, and in which order", () => {
  const steps = fc.array(
    fc.record({
      priority: fc.constantFrom(...priorities),
      pause: fc.integer({ min: 0, max: 30 }),
      tokens: fc.integer({ min: 0, max: 9 }),
      ends: fc.boolean(),
    }),
    { maxLength: 200, size: "max" },
  );
  const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
  const window = 1_000;

  test("no more than the limit is let on in all, and no priority takes it beyond its share; nobody is held back sooner", () => {
    fc.assert(
      fc.property(steps, share, share, fc.integer({ min: 1, max: 30 }), (all, one, other, limit) => {
        const shares = { normal: Math.max(one, other), low: Math.min(one, other) };
        const most = {
          high: limit,
          normal: Math.floor(Math.round(limit * shares.normal * 100) / 100),
          low: Math.floor(Math.round(limit * shares.low * 100) / 100),
        };
        const claims = compileRules([
          rule({ requests: limit, tokens: limit * 4, per: "second", shares }),
          rule({ concurrent: limit, shares }),
        ]);
        let now = 0;
        const limits = new CountedLimits({ monotonic: () => now });
        const granted: { at: number; tokens: number }[] = [];
        const open: string[] = [];
        for (const [number, { priority, pause, tokens, ends }] of all.entries()) {
          now += pause;
          const first = ends ? open.shift() : undefined;
          if (first !== undefined) limits.abandon(first);
          const since = (age: number) => granted.filter(({ at }) => at > now - age);
          const sum = (of: typeof granted) => of.reduce((total, next) => total + next.tokens, 0);
          const id = `${number}`;
          const { call } = callOf({ id, caller: { priority } });
          const { kind } = limits.reserve({ id, tokens, claims: claims(call) });
          const fits = (age: number): boolean =>
            since(age).length + 1 <= most[priority] &&
            sum(since(age)) + tokens <=
              Math.floor(Math.round(limit * 4 * (priority === "high" ? 1 : shares[priority]) * 100) / 100) &&
            open.length + 1 <= most[priority];
          if (kind === "granted") {
            // By all together, this one included.
            expect(fits(window)).toBe(true);
            granted.push({ at: now, tokens });
            open.push(id);
          } else expect(fits(window + window / 60)).toBe(false);
          expect(since(window).length).toBeLessThanOrEqual(limit);
          expect(open.length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });
});
