import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { CallRecord } from "../../src/core/ledger.ts";
import type { FoldGroup, FoldStore, LedgerStore, UsageGroup, UsageRow } from "../../src/core/ports/ledger-store.ts";
import { sampleAttempt, sampleCall, sampleDispatch } from "./sample-calls.ts";

export interface OpenedLedger {
  readonly ledger: LedgerStore;
  readonly fold: FoldStore;
  close(): void;
}

const group = (changes: Partial<FoldGroup>): FoldGroup => ({
  segment: "one",
  owner: "owner",
  from: 0,
  to: 10,
  dispatched: [],
  settled: [],
  gaps: 0,
  ...changes,
});

const noon = Date.UTC(2026, 10, 30, 12);
const day = 86_400_000;
const fallback = sampleCall("b", {
  startedAt: noon + 1,
  keyId: null,
  model: "large",
  costPicoUsd: 7,
  chargePicoUsd: 5,
  attempts: [
    sampleAttempt({ outcome: "error", costPicoUsd: 2, delivered: false, usage: null, usageSource: "unknown" }),
    sampleAttempt({ number: 2, provider: "other", model: "large", costPicoUsd: 5 }),
  ],
});
const refused = sampleCall("c", {
  startedAt: noon + day,
  outcome: "error",
  status: 400,
  errorCode: "invalid_value",
  errorMessage: "The field n must be positive.",
  usage: null,
  usageSource: "unknown",
  model: null,
  target: null,
  costPicoUsd: 0,
  chargePicoUsd: 0,
  decision: null,
  attempts: [],
});
const calls: readonly CallRecord[] = [sampleCall("a"), fallback, refused];

/** What every implementation of LedgerStore and FoldStore does. */
export const describeLedgerStore = (name: string, open: () => OpenedLedger): void => {
  let opened: OpenedLedger;
  beforeEach(() => {
    opened = open();
  });
  afterEach(() => opened.close());
  const enter = (changes: Partial<FoldGroup>) => opened.fold.apply(group(changes));

  describe(`${name}: reading`, () => {
    test("gives calls back as they were settled, with attempts and decision", async () => {
      await enter({ settled: calls });
      for (const call of calls) expect(await opened.ledger.callById(call.id)).toEqual(call);
      expect(await opened.ledger.callById("unknown")).toBeUndefined();
    });

    const usageCases: readonly { groupBy: UsageGroup; rows: readonly Partial<UsageRow>[] }[] = [
      {
        groupBy: "key",
        rows: [
          {
            group: "key-1",
            calls: 2,
            attempts: 1,
            failures: 1,
            inputTokens: 10,
            outputTokens: 5,
            costPicoUsd: 4_500_000,
          },
          { group: null, calls: 1, attempts: 2, failures: 0, costPicoUsd: 7, chargePicoUsd: 5 },
        ],
      },
      {
        groupBy: "model",
        rows: [
          { group: "small", calls: 2, attempts: 2, failures: 1, costPicoUsd: 4_500_002, chargePicoUsd: 4_500_000 },
          { group: "large", calls: 1, attempts: 1, failures: 0, costPicoUsd: 5, chargePicoUsd: 5 },
          { group: null, calls: 1, attempts: 0, failures: 1, costPicoUsd: 0 },
        ],
      },
      {
        groupBy: "provider",
        rows: [
          { group: "openai", calls: 2 },
          { group: "other", calls: 1 },
          { group: null, calls: 1 },
        ],
      },
      {
        groupBy: "day",
        rows: [
          { group: "2026-11-30", calls: 2 },
          { group: "2026-12-01", calls: 1 },
        ],
      },
      { groupBy: "route", rows: [{ group: "auto", calls: 3, costPicoUsd: 4_500_007, chargePicoUsd: 4_500_005 }] },
      { groupBy: "tenant", rows: [{ group: "default", calls: 3 }] },
    ];
    for (const { groupBy, rows } of usageCases)
      test(`sums usage by ${groupBy}`, async () => {
        await enter({ settled: calls });
        const usage = await opened.ledger.usage({ groupBy });
        expect(usage).toMatchObject([...rows]);
        expect(usage).toHaveLength(rows.length);
      });

    const looked = [
      sampleAttempt({ costPicoUsd: 3, delivered: false, contributed: true }),
      sampleAttempt({ number: 2, costPicoUsd: 4, delivered: false }),
      sampleAttempt({ number: 3, costPicoUsd: 5 }),
    ];
    test.each<UsageGroup>(["route", "model"])("charges for what was looked at, by %s", async (groupBy) => {
      const cascade = sampleCall("a", { attempts: looked, costPicoUsd: 12, chargePicoUsd: 8 });
      await enter({ settled: [cascade] });
      expect(await opened.ledger.usage({ groupBy })).toMatchObject([{ costPicoUsd: 12, chargePicoUsd: 8 }]);
      expect(await opened.ledger.callById("a")).toEqual(cascade);
    });

    const doubtful = [
      sampleAttempt({ costSource: "estimated", costPicoUsd: 3, delivered: false }),
      sampleAttempt({ number: 2, costSource: "bound", costPicoUsd: 4, delivered: false }),
      sampleAttempt({ number: 3, costSource: "unpriced", costPicoUsd: 0 }),
      sampleAttempt({ number: 4, costPicoUsd: 5 }),
    ];
    test.each<UsageGroup>(["route", "model"])("tells estimates and missing prices, by %s", async (groupBy) => {
      await enter({ settled: [sampleCall("a", { attempts: doubtful, costPicoUsd: 12, chargePicoUsd: 5 }), refused] });
      const [row] = await opened.ledger.usage({ groupBy, until: noon + 1 });
      expect(row).toMatchObject({ costPicoUsd: 12, estimatedPicoUsd: 7, unpricedAttempts: 1 });
      const [none] = await opened.ledger.usage({ groupBy, since: noon + 1 });
      expect(none).toMatchObject({ estimatedPicoUsd: 0, unpricedAttempts: 0 });
    });

    test("filters by time, key and model", async () => {
      await enter({ settled: calls });
      const counted = async (filter: object) =>
        (await opened.ledger.usage({ groupBy: "tenant", ...filter })).map((row) => row.calls);
      expect(await counted({ since: noon + 1 })).toEqual([2]);
      expect(await counted({ until: noon + 1 })).toEqual([1]);
      expect(await counted({ keyId: "key-1" })).toEqual([2]);
      expect(await counted({ model: "large" })).toEqual([1]);
      expect(await counted({ tenant: "nobody" })).toEqual([]);
    });

    test("sums beyond what one call can cost", async () => {
      const costPicoUsd = 9_000_000_000_000_000;
      await enter({ settled: ["x", "y", "z"].map((id) => sampleCall(id, { costPicoUsd })) });
      expect((await opened.ledger.usage({ groupBy: "route" }))[0]?.costPicoUsd).toBe(27_000_000_000_000_000);
    });

    test("pages through recent calls, newest first, none twice", async () => {
      const many = Array.from({ length: 25 }, (_, index) =>
        sampleCall(`call-${index}`, { startedAt: noon + Math.floor(index / 3) }),
      );
      await enter({ settled: many });
      const seen: string[] = [];
      let page = await opened.ledger.recentCalls({ limit: 4 });
      while (page.length > 0) {
        seen.push(...page.map(({ id }) => id));
        const last = page[page.length - 1] as (typeof page)[number];
        page = await opened.ledger.recentCalls({ limit: 4, before: last });
      }
      const expected = many.toSorted((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1)).map(({ id }) => id);
      expect(seen).toEqual(expected);
      expect(await opened.ledger.recentCalls({ limit: 1 })).not.toHaveProperty("0.attempts");
    });
  });

  describe(`${name}: folding`, () => {
    test("enters a group once, from the position where it begins", async () => {
      expect(await opened.fold.position("one")).toEqual({ offset: 0, gaps: 0 });
      expect(await enter({ settled: [sampleCall("a")] })).toEqual({ kind: "applied", refused: [] });
      expect(await enter({ settled: [sampleCall("a"), sampleCall("b")] })).toEqual({ kind: "moved" });
      expect(await enter({ from: 5, to: 20, settled: [sampleCall("b")] })).toEqual({ kind: "moved" });
      expect(await opened.ledger.callById("b")).toBeUndefined();
      expect(await enter({ from: 10, to: 20, gaps: 1 })).toEqual({ kind: "applied", refused: [] });
      expect(await opened.fold.position("one")).toEqual({ offset: 20, gaps: 1 });
      expect(await opened.fold.position("two")).toEqual({ offset: 0, gaps: 0 });
    });

    test("keeps dispatches until their call is settled, in whatever segment", async () => {
      const dispatched = [sampleDispatch("a"), sampleDispatch("b"), sampleDispatch("b", { attempt: 2 })];
      await enter({ dispatched });
      expect(await opened.fold.openOwners()).toEqual(["owner"]);
      expect(await opened.fold.openDispatches("owner")).toEqual(dispatched);
      await enter({ segment: "two", settled: [sampleCall("b")] });
      expect(await opened.fold.openDispatches("owner")).toEqual([sampleDispatch("a")]);
      expect(await opened.fold.openDispatches("another")).toEqual([]);
    });

    test("an interrupted call never replaces one that is known; a settled one replaces it", async () => {
      await enter({ settled: [sampleCall("a")], dispatched: [sampleDispatch("b")] });
      const interrupted = (id: string) =>
        sampleCall(id, { outcome: "interrupted", costPicoUsd: 99, attempts: [sampleAttempt({ costPicoUsd: 99 })] });
      await opened.fold.interrupt("owner", [interrupted("a"), interrupted("b")]);
      expect(await opened.ledger.callById("a")).toEqual(sampleCall("a"));
      expect(await opened.ledger.callById("b")).toEqual(interrupted("b"));
      expect(await opened.fold.openOwners()).toEqual([]);
      await enter({ from: 10, to: 20, settled: [sampleCall("b"), sampleCall("a", { costPicoUsd: 1 })] });
      expect(await opened.ledger.callById("b")).toEqual(sampleCall("b"));
      expect(await opened.ledger.callById("a")).toEqual(sampleCall("a"));
    });

    const broken = (id: string, changes: object): CallRecord => ({ ...sampleCall(id), ...changes }) as CallRecord;
    const refusals: readonly (readonly [string, CallRecord])[] = [
      ["a number that JSON could not hold", broken("x", { costPicoUsd: null })],
      ["a missing field", broken("x", { attempts: undefined })],
      ["an attempt without a number", broken("x", { attempts: [{ ...sampleAttempt(), number: null }] })],
    ];
    test.each(refusals)("keeps a refused record aside (%s), and takes the others", async (_, bad) => {
      const answered = (call: string) => [sampleDispatch(call)];
      const outcome = await enter({ settled: [sampleCall("a"), bad, sampleCall("b")], answered });
      expect(outcome).toMatchObject({ kind: "applied", refused: [{ call: "x" }] });
      expect(await opened.ledger.callById("a")).toEqual(sampleCall("a"));
      expect(await opened.ledger.callById("b")).toEqual(sampleCall("b"));
      expect(await opened.ledger.callById("x")).toBeUndefined();
      // Its dispatch stays open, so that its worst case is entered when its process has ended.
      expect(await opened.fold.openDispatches("owner")).toEqual([sampleDispatch("x")]);
      expect(await opened.fold.position("one")).toEqual({ offset: 10, gaps: 0 });
    });

    test("keeps aside what is no record, and an interrupted call that is refused", async () => {
      expect(await enter({ unknown: ["{}"] })).toMatchObject({ kind: "applied", refused: [{ call: null }] });
      await enter({ from: 10, to: 20, dispatched: [sampleDispatch("a"), sampleDispatch("b")] });
      const refused = await opened.fold.interrupt("owner", [
        broken("a", { duration: 1, status: null }),
        sampleCall("b"),
      ]);
      expect(refused).toMatchObject([{ call: "a" }]);
      expect(await opened.fold.openOwners()).toEqual([]);
      expect(await opened.ledger.callById("b")).toEqual(sampleCall("b"));
    });

    test("forgets the positions of segments", async () => {
      await enter({ segment: "one" });
      await enter({ segment: "two" });
      await opened.fold.forget(["one"]);
      expect(await opened.fold.segments()).toEqual(["two"]);
    });

    test("a checkpoint leaves everything readable", async () => {
      await enter({ settled: [sampleCall("a")] });
      await opened.fold.checkpoint();
      expect(await opened.ledger.callById("a")).toEqual(sampleCall("a"));
    });
  });
};
