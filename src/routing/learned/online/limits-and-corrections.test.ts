import { describe, expect, test } from "bun:test";
import { SeededRandom } from "../../../../test/support/seeded-random.ts";
import { Conversations } from "./conversations.ts";
import { Corrections } from "./corrections.ts";
import { DriftWatch } from "./drift.ts";
import { ExplorationLedger } from "./exploration-ledger.ts";
import { GiverLimits } from "./giver-limits.ts";
import { Pacer } from "./pacer.ts";

describe("givers", () => {
  const word = { tenant: "t", giver: "a", target: "x", cluster: 0, weight: 1, at: 0, known: 0 };
  const admit = (limits: GiverLimits, count: number, more: Partial<typeof word> = {}): number => {
    let sum = 0;
    for (let number = 0; number < count; number++) sum += limits.admit({ ...word, ...more });
    return sum;
  };

  test("count in full at first, and little beyond a day's measure", () => {
    const limits = new GiverLimits();
    expect(admit(limits, 200)).toBeCloseTo(200, 6);
    expect(admit(limits, 10_000)).toBeLessThan(1_000);
    expect(admit(limits, 100, { at: 86_400_000 })).toBeCloseTo(100, 6);
  });

  test("cannot outweigh what others said, but for the first words", () => {
    const limits = new GiverLimits();
    let flood = 0;
    for (let number = 0; number < 500; number++) flood += admit(limits, 1, { giver: "flood", known: 60 + flood });
    expect(flood).toBeCloseTo(60, 6);
    let few = 0;
    for (let number = 0; number < 500; number++)
      few += admit(limits, 1, { giver: "flood", cluster: 1, known: 5 + few });
    expect(few).toBeCloseTo(20, 6);
  });
});

describe("drift", () => {
  const alarmAfter = (seed: number, change: { from: number; to: number }): number | undefined => {
    const watch = new DriftWatch();
    const random = new SeededRandom(seed).next;
    for (let number = 0; number < 300; number++) watch.observe((random() < change.from ? 1 : 0) - change.from);
    for (let number = 0; number < 200; number++)
      if (watch.observe((random() < change.to ? 1 : 0) - change.from) !== undefined) return number;
    return undefined;
  };

  test("is noticed within a few dozen calls where it is large", () => {
    for (let seed = 1; seed <= 50; seed++) expect(alarmAfter(seed, { from: 0.9, to: 0.3 })).toBeLessThan(60);
  });

  test("is noticed in either direction", () => {
    const watch = new DriftWatch();
    let direction: string | undefined;
    for (let number = 0; number < 100 && direction === undefined; number++) direction = watch.observe(0.6);
    expect(direction).toBe("better");
  });

  test("is hardly ever seen where there is none", () => {
    let alarms = 0;
    for (let seed = 1; seed <= 200; seed++) if (alarmAfter(seed, { from: 0.8, to: 0.8 }) !== undefined) alarms++;
    expect(alarms).toBeLessThan(6);
  });
});

describe("corrections", () => {
  test("find the factor of a target and of its kinds of prompts", () => {
    const corrections = new Corrections();
    for (let number = 0; number < 400; number++)
      for (const [cluster, actual] of [
        [0, 4],
        [1, 2],
      ] as const)
        corrections.observe("x", cluster, { expected: corrections.factor("x", cluster), actual });
    expect(corrections.factor("x", 0)).toBeCloseTo(4, 1);
    expect(corrections.factor("x", 1)).toBeCloseTo(2, 1);
    expect(corrections.factor("y", 0)).toBe(1);
    const restored = Corrections.fromState(JSON.parse(JSON.stringify(corrections.toState())));
    expect(restored.factor("x", 0)).toBe(corrections.factor("x", 0));
  });

  test("pass over what has no ratio, and are not thrown by one extreme", () => {
    const corrections = new Corrections();
    corrections.observe("x", 0, { expected: 0, actual: 1 });
    corrections.observe("x", 0, { expected: 1, actual: 0 });
    corrections.observe("x", 0, { expected: 1, actual: Number.NaN });
    expect(corrections.factor("x", 0)).toBe(1);
    corrections.observe("x", 0, { expected: 1, actual: 1e12 });
    expect(corrections.factor("x", 0)).toBeLessThan(8);
  });
});

describe("the pacer", () => {
  test("finds the price at which the aim is met", () => {
    const pacer = new Pacer(1);
    // Spending falls with the price: the aim of 0.5 is met at 4.
    const spent = (lambda: number): number => 1 / Math.sqrt(lambda);
    for (let number = 0; number < 2_000; number++) pacer.overspent(spent(pacer.lambda) / 0.5 - 1);
    expect(pacer.lambda).toBeCloseTo(4, 1);
    expect(new Pacer(1, pacer.toState()).lambda).toBe(pacer.lambda);
  });

  test("stays within bounds, whatever a call costs", () => {
    const pacer = new Pacer(2);
    for (let number = 0; number < 10_000; number++) pacer.overspent(1e9);
    expect(pacer.lambda).toBeLessThanOrEqual(2_000);
    for (let number = 0; number < 100_000; number++) pacer.overspent(-1e9);
    expect(pacer.lambda).toBeGreaterThanOrEqual(0.002);
  });
});

describe("what trials cost", () => {
  test("counts as expected until it is known", () => {
    const ledger = new ExplorationLedger();
    ledger.begin("a", { expectedUsd: 0.5, now: 0 });
    expect(ledger.spentUsd(0)).toBe(0.5);
    ledger.settled("a", { costUsd: 0.3, explored: true });
    ledger.settled("b", { costUsd: 9, explored: false });
    expect(ledger.spentUsd(0)).toBeCloseTo(0.3, 12);
    ledger.begin("never heard of again", { expectedUsd: 1, now: 0 });
    expect(ledger.spentUsd(599_000)).toBeCloseTo(1.3, 12);
    expect(ledger.spentUsd(601_000)).toBeCloseTo(0.3, 12);
  });
});

describe("conversations", () => {
  test("are warm for some minutes at the target that answered last", () => {
    const conversations = new Conversations();
    conversations.note("c", "x", 0);
    conversations.note("c", "y", 1_000);
    expect(conversations.warm("c", 300_000)).toBe("y");
    expect(conversations.warm("c", 302_000)).toBeUndefined();
    expect(conversations.warm("other", 0)).toBeUndefined();
  });
});
