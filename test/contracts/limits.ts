import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Claim, Demand, Limits, Reserved } from "../../src/core/ports/limits.ts";

export interface OpenedLimits {
  /** Two askers of the same counters; one and the same where there are no others. */
  readonly here: Limits;
  readonly there: Limits;
  /** Resolves when what was said of ended calls has arrived. */
  heard(): Promise<void>;
}

const requests = (limit: number, changes: Partial<Claim> = {}): Claim => ({
  scope: "key",
  subject: "k",
  windowMilliseconds: 60_000,
  requests: limit,
  ...changes,
});
const tokens = (limit: number, changes: Partial<Claim> = {}): Claim => {
  const { requests: _, ...rest } = requests(1, changes);
  return { ...rest, tokens: limit };
};
const concurrent = (limit: number, subject = "k"): Claim => ({
  scope: "key",
  subject,
  windowMilliseconds: 0,
  concurrent: limit,
});

/** What every implementation of Limits does. */
export const describeLimits = (name: string, open: (clock: { monotonic(): number }) => OpenedLimits): void => {
  describe(name, () => {
    let now = 0;
    let number = 0;
    let opened: OpenedLimits;
    beforeEach(() => {
      now = 0;
      opened = open({ monotonic: () => now });
    });

    const demand = (claims: readonly Claim[], amount = 0): Demand => ({
      id: `call ${++number}`,
      tokens: amount,
      claims,
    });
    const ask = async (claims: readonly Claim[], amount = 0): Promise<Reserved & { id: string }> => {
      const wanted = demand(claims, amount);
      return { ...(await opened.here.reserve(wanted)), id: wanted.id };
    };
    const kinds = (all: readonly Reserved[]) => ({
      granted: all.filter(({ kind }) => kind === "granted").length,
      refused: all.filter(({ kind }) => kind === "refused").length,
    });

    test("of many at once exactly as many are let on as the limit says, whoever asks", async () => {
      const all = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          (index % 2 === 0 ? opened.here : opened.there).reserve(demand([requests(50)])),
        ),
      );
      expect(kinds(all)).toEqual({ granted: 50, refused: 150 });
    });

    test("refusals name the limit and when it lets on again; then it does, and not before", async () => {
      const claims = [requests(9, { scope: "tenant" }), requests(2)];
      await ask(claims);
      now = 20_000;
      await ask(claims);
      now = 30_000;
      expect(await ask(claims)).toMatchObject({
        kind: "refused",
        claim: 1,
        amount: "requests",
        waitMilliseconds: 30_000,
      });
      now = 59_999;
      expect(await ask(claims)).toMatchObject({ kind: "refused", waitMilliseconds: 1 });
      now = 60_000;
      expect(await ask(claims)).toMatchObject({ kind: "granted" });
      expect(await ask(claims)).toMatchObject({ kind: "refused", waitMilliseconds: 20_000 });
    });

    test("refused by one, counted by none", async () => {
      await ask([requests(1)]);
      for (let tries = 0; tries < 5; tries++)
        expect((await ask([requests(5, { scope: "team" }), concurrent(1, "c"), requests(1)])).kind).toBe("refused");
      const all = await Promise.all(Array.from({ length: 6 }, () => ask([requests(5, { scope: "team" })])));
      expect(kinds(all)).toEqual({ granted: 5, refused: 1 });
      expect((await ask([concurrent(1, "c")])).kind).toBe("granted");
    });

    test("of several that refuse, the one that takes longest is named", async () => {
      const claims = [
        requests(1, { windowMilliseconds: 1_000 }),
        requests(1, { windowMilliseconds: 3_600_000 }),
        concurrent(1),
      ];
      await ask(claims);
      expect(await ask(claims)).toMatchObject({ claim: 1, waitMilliseconds: 3_600_000 });
    });

    test("scopes, subjects and windows are counted apart", async () => {
      await ask([requests(1)]);
      for (const other of [{ subject: "l" }, { scope: "team" }, { windowMilliseconds: 1_000 }] as const)
        expect((await ask([requests(1, other)])).kind).toBe("granted");
    });

    test("a limit that changes meets the counts of before", async () => {
      for (let calls = 0; calls < 3; calls++) await ask([requests(10)]);
      expect((await ask([requests(3)])).kind).toBe("refused");
      expect((await ask([requests(4)])).kind).toBe("granted");
    });

    test("tokens are reserved, and put right at the end", async () => {
      const first = await ask([tokens(1_000)], 800);
      expect(await ask([tokens(1_000)], 300)).toMatchObject({ kind: "refused", amount: "tokens" });
      opened.here.settle({ id: first.id, tokens: 100, unused: [] });
      await opened.heard();
      expect(await ask([tokens(1_000)], 900)).toMatchObject({
        kind: "granted",
        standing: { tokens: { limit: 1_000, remaining: 0 } },
      });
    });

    test("what was used beyond the estimate counts from when it is known, whatever became of the reservation", async () => {
      const { id } = await ask([tokens(1_000)], 100);
      now = 70_000;
      opened.here.settle({ id, tokens: 1_500, unused: [] });
      await opened.heard();
      expect(await ask([tokens(1_000)], 1)).toMatchObject({ kind: "refused", waitMilliseconds: 60_000 });
    });

    test("a demand above the limit is never let on", async () => {
      expect(await ask([tokens(1_000)], 1_001)).toMatchObject({
        kind: "refused",
        amount: "tokens",
        waitMilliseconds: null,
      });
    });

    test("as many calls are open as the limit says, however they end", async () => {
      const [first, second] = [await ask([concurrent(2)]), await ask([concurrent(2)])];
      expect(await ask([concurrent(2)])).toMatchObject({
        kind: "refused",
        amount: "concurrent",
        waitMilliseconds: null,
      });
      now = 9_999_999;
      expect((await ask([concurrent(2)])).kind).toBe("refused");
      // Only the first ending counts.
      opened.here.settle({ id: first.id, tokens: 0, unused: [] });
      opened.here.release(first.id);
      opened.here.settle({ id: first.id, tokens: 0, unused: [] });
      await opened.heard();
      expect((await ask([concurrent(2)])).kind).toBe("granted");
      expect((await ask([concurrent(2)])).kind).toBe("refused");
      opened.here.release(second.id);
      await opened.heard();
      expect((await ask([concurrent(2)])).kind).toBe("granted");
    });

    test("a call that came to nothing counts for nothing, and so does a claim that did not concern it", async () => {
      const both = [requests(1), { ...requests(1, { subject: "m" }), tokens: 100 }];
      const first = await ask(both, 50);
      opened.here.release(first.id);
      await opened.heard();
      const second = await ask(both, 50);
      expect(second).toMatchObject({ kind: "granted" });
      opened.here.settle({ id: second.id, tokens: 70, unused: [1] });
      await opened.heard();
      expect((await ask([requests(1)])).kind).toBe("refused");
      expect(await ask([requests(1, { subject: "m", tokens: 100 })], 100)).toMatchObject({ kind: "granted" });
    });

    test("the standing is that of the limit with the least left", async () => {
      const claims = [requests(10), requests(3, { windowMilliseconds: 3_600_000 }), tokens(500, { scope: "team" })];
      expect((await ask(claims, 200)).standing).toEqual({
        requests: { limit: 3, remaining: 2, resetMilliseconds: 3_600_000 },
        tokens: { limit: 500, remaining: 300, resetMilliseconds: 60_000 },
      });
      now = 15_000;
      expect((await ask([requests(1)])).standing).toEqual({
        requests: { limit: 1, remaining: 0, resetMilliseconds: 45_000 },
      });
    });

    test("whatever the order of beginnings and ends, no limit is ever exceeded", async () => {
      const most = { calls: 7, tokens: 100, open: 3 };
      const windowMilliseconds = 1_000;
      const step = fc.record({
        pause: fc.integer({ min: 0, max: 120 }),
        side: fc.constantFrom("here" as const, "there" as const),
        act: fc.constantFrom(
          "begin" as const,
          "begin" as const,
          "begin" as const,
          "settle" as const,
          "release" as const,
        ),
        wanted: fc.integer({ min: 0, max: 60 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
          now = 0;
          opened = open({ monotonic: () => now });
          const claims: Claim[] = [
            { scope: "key", subject: "k", windowMilliseconds, requests: most.calls, tokens: most.tokens },
            concurrent(most.open),
          ];
          const granted: {
            at: number;
            counted: number;
            id: string;
            side: "here" | "there";
            isOpen: boolean;
            calls: number;
          }[] = [];
          for (const { pause, side, act, wanted, share } of steps) {
            now += pause;
            const ending = granted.find(({ isOpen }) => isOpen);
            if (act === "begin") {
              const one = demand(claims, wanted);
              const { kind } = await opened[side].reserve(one);
              if (kind === "granted")
                granted.push({ at: now, counted: wanted, id: one.id, side, isOpen: true, calls: 1 });
            } else if (ending !== undefined) {
              ending.isOpen = false;
              ending.counted = act === "settle" ? Math.floor(ending.counted * share) : 0;
              if (act === "settle") opened[ending.side].settle({ id: ending.id, tokens: ending.counted, unused: [] });
              else {
                ending.calls = 0;
                opened[ending.side].release(ending.id);
              }
              await opened.heard();
            }
            const recent = granted.filter(({ at }) => at > now - windowMilliseconds);
            expect(recent.reduce((sum, { calls }) => sum + calls, 0)).toBeLessThanOrEqual(most.calls);
            expect(recent.reduce((sum, { counted }) => sum + counted, 0)).toBeLessThanOrEqual(most.tokens);
            expect(granted.filter(({ isOpen }) => isOpen).length).toBeLessThanOrEqual(most.open);
          }
        }),
        { numRuns: 60 },
      );
    });
  });
};
