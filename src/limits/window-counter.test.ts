import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { WindowCounter } from "./window-counter.ts";

describe("WindowCounter", () => {
  test("counts for as long as the window, and says when it is less", () => {
    const counter = new WindowCounter(60_000);
    counter.add(3, 0);
    counter.add(2, 30_000);
    expect([counter.used(59_999), counter.used(60_000), counter.used(89_999), counter.used(90_000)]).toEqual([
      5, 2, 2, 0,
    ]);
    counter.add(4, 90_000);
    expect([counter.waitUntil(4, 90_000), counter.waitUntil(3, 91_000), counter.waitUntil(0, 91_000)]).toEqual([
      0, 59_000, 59_000,
    ]);
  });

  test("takes back what still counts, and no more", () => {
    const counter = new WindowCounter(1_000);
    const slice = counter.add(5, 0);
    counter.takeBack(2, slice);
    expect(counter.used(0)).toBe(3);
    counter.takeBack(9, slice);
    expect(counter.used(0)).toBe(0);
    const old = counter.add(5, 0);
    counter.add(1, 1_500);
    counter.takeBack(5, old);
    expect(counter.used(1_500)).toBe(1);
  });

  test("an empty end does not make it wait", () => {
    const counter = new WindowCounter(1_000);
    counter.add(5, 0);
    counter.takeBack(1, counter.add(1, 500));
    expect([counter.waitUntil(0, 600), counter.waitUntilEmpty(600)]).toEqual([400, 400]);
    expect(counter.waitUntilEmpty(1_000)).toBe(0);
  });

  const steps = fc.array(
    fc.record({ pause: fc.integer({ min: 0, max: 40 }), amount: fc.integer({ min: 1, max: 9 }) }),
    {
      maxLength: 300,
      size: "max",
    },
  );

  test("no stretch as long as the window ever holds more than the limit, and nothing counts much longer", () => {
    const [window, limit] = [600, 40];
    fc.assert(
      fc.property(steps, (all) => {
        const counter = new WindowCounter(window);
        const granted: { at: number; amount: number }[] = [];
        const within = (from: number, to: number): number =>
          granted.reduce((sum, { at, amount }) => (at > from && at <= to ? sum + amount : sum), 0);
        let now = 0;
        for (const { pause, amount } of all) {
          now += pause;
          const used = counter.used(now);
          // Never less than what is in the window, never more than what is in a window longer by a sixtieth.
          expect(used).toBeGreaterThanOrEqual(within(now - window, now));
          expect(used).toBeLessThanOrEqual(within(now - window - window / 60, now));
          if (used + amount <= limit) {
            counter.add(amount, now);
            granted.push({ at: now, amount });
            expect(within(now - window, now)).toBeLessThanOrEqual(limit);
          } else {
            const wait = counter.waitUntil(limit - amount, now);
            expect(wait).toBeGreaterThan(0);
            expect(counter.used(now)).toBe(used);
          }
        }
      }),
    );
  });

  test("what it says to wait is enough, and a moment less is not", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 100 }), (all, target) => {
        const [early, late] = [new WindowCounter(600), new WindowCounter(600)];
        let now = 0;
        for (const { pause, amount } of all) {
          now += pause;
          early.add(amount, now);
          late.add(amount, now);
        }
        expect(early.waitUntilEmpty(now)).toBe(early.waitUntil(0, now));
        const wait = early.waitUntil(target, now);
        expect(late.used(now + wait)).toBeLessThanOrEqual(target);
        if (wait > 0) expect(early.used(now + wait - 0.01)).toBeGreaterThan(target);
      }),
    );
  });
});
