import { expect, test } from "bun:test";
import { periodAt } from "./periods.ts";
import { SteadyClock } from "./steady-clock.ts";
import { handClock } from "./testing.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 25, 23, 30);

test("follows time while nobody sets the clock", () => {
  const clock = handClock(start);
  const steady = new SteadyClock(clock);
  clock.pass(10 * hour);
  expect(steady.now()).toBe(start + 10 * hour);
});

test("a jump forward is believed only when as much time has passed", () => {
  const clock = handClock(start);
  const steady = new SteadyClock(clock);
  clock.set(hour);
  expect(steady.now()).toBe(start);
  clock.pass(hour - 1);
  expect(steady.now()).toBe(start + hour - 1);
  clock.pass(1);
  expect(steady.now()).toBe(start + 2 * hour);
});

test("with patience for so long, a larger jump is believed then", () => {
  const clock = handClock(start);
  const steady = new SteadyClock(clock, start, hour / 6);
  clock.set(10 * hour);
  expect(steady.now()).toBe(start);
  clock.pass(hour / 6 - 1);
  expect(steady.now()).toBe(start + hour / 6 - 1);
  clock.pass(1);
  expect(steady.now()).toBe(start + 10 * hour + hour / 6);
});

test("a jump that is taken back in time leaves nothing", () => {
  const clock = handClock(start);
  const steady = new SteadyClock(clock);
  clock.set(hour);
  steady.now();
  clock.pass(hour / 2);
  steady.now();
  clock.set(-hour);
  steady.now();
  clock.pass(hour);
  expect(steady.now()).toBe(start + 1.5 * hour);
});

test("a second jump on top of the first waits for itself", () => {
  const clock = handClock(start);
  const steady = new SteadyClock(clock);
  clock.set(hour);
  steady.now();
  clock.pass(hour - 1);
  clock.set(5 * hour);
  steady.now();
  clock.pass(1);
  expect(steady.now()).toBe(start + 2 * hour);
  steady.now();
  clock.pass(hour);
  expect(steady.now()).toBe(start + 3 * hour);
});

test("a clock that is set back takes no time back, and time goes on", () => {
  const clock = handClock(start);
  const steady = new SteadyClock(clock);
  clock.set(-hour);
  expect(steady.now()).toBe(start);
  clock.pass(hour / 2);
  expect(steady.now()).toBe(start + hour / 2);
});

test("it never begins before what is known to be past", () => {
  const clock = handClock(start);
  const steady = new SteadyClock(clock);
  steady.atLeast(start + hour);
  steady.atLeast(start);
  clock.pass(1_000);
  expect(steady.now()).toBe(start + hour + 1_000);
});

test.each([
  ["day", "2026-11-26T00:00:00Z", "2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z"],
  ["day", "2026-11-26T23:59:59.999Z", "2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z"],
  ["week", "2026-11-26T12:00:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"],
  ["week", "2026-11-29T23:59:59Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"],
  ["week", "2026-11-30T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-07T00:00:00Z"],
  ["month", "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"],
  ["month", "2028-02-29T01:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"],
] as const)("a %s around %s is from %s to %s", (per, at, from, to) => {
  expect(periodAt(per, Date.parse(at))).toEqual({ per, start: Date.parse(from), end: Date.parse(to) });
});

test("all time has no end", () => {
  expect(periodAt("ever", start)).toEqual({ per: "ever", start: 0, end: null });
});
