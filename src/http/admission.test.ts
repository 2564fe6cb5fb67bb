import { describe, expect, test } from "bun:test";
import { openAdmission, type ShedReport } from "./admission.ts";

const open = (callsInFlight = 8) => {
  let now = 0;
  let lag = 0;
  let isShort = false;
  const reports: ShedReport[] = [];
  const admission = openAdmission({
    maxCalls: 10,
    maxLagMilliseconds: 100,
    callsInFlight: () => callsInFlight,
    currentLag: () => lag,
    isMemoryShort: () => isShort,
    now: () => now,
    onShed: (report) => reports.push(report),
  });
  const refusedOf = (calls: number) =>
    Array.from({ length: calls }, () => admission.refuseCall()).filter((error) => error !== undefined).length;
  return {
    admission,
    reports,
    refusedOf,
    pass: (milliseconds: number) => (now += milliseconds),
    beShort: () => (isShort = true),
    beLate: (milliseconds: number) => (lag = milliseconds),
  };
};

describe("openAdmission", () => {
  test("takes calls up to the limit", () => {
    expect(open(9).admission.refuseCall()).toBeUndefined();
    const error = open(10).admission.refuseCall();
    expect(error?.code).toBe("overloaded");
    expect(error?.kind.status).toBe(503);
    expect(error?.retryAfterMilliseconds).toBeGreaterThan(0);
  });

  test("refuses calls while memory is short, but for a few", () => {
    const some = open(7);
    some.beShort();
    expect(some.refusedOf(5)).toBe(0);
    const many = open(8);
    many.beShort();
    expect(many.refusedOf(5)).toBe(5);
    expect(many.admission.refuseCall()?.message).toContain("memory");
  });

  test("refuses a growing share while the loop is late, never all, and none when it is in time again", () => {
    const { admission, refusedOf } = open();
    for (const lag of [100, 100, 150]) admission.noteLag(lag);
    expect(refusedOf(20)).toBe(0);
    admission.noteLag(150);
    const first = refusedOf(100);
    for (let tick = 0; tick < 100; tick++) admission.noteLag(1_000);
    const most = refusedOf(100);
    expect(first).toBeGreaterThan(0);
    expect(most).toBeGreaterThan(first);
    expect(most).toBeLessThan(100);
    for (let tick = 0; tick < 100; tick++) admission.noteLag(0);
    expect(refusedOf(100)).toBe(0);
  });

  test("refuses what comes within a round of the loop that is late already", () => {
    const { admission, refusedOf, beLate } = open();
    beLate(101);
    expect(refusedOf(20)).toBe(0);
    admission.noteLag(101);
    expect(refusedOf(100)).toBe(100);
    beLate(99);
    expect(refusedOf(100)).toBe(0);
    expect(admission.shedCalls()).toBe(100);
  });

  test("takes a late round that brings many calls for load at once", () => {
    const { refusedOf, beLate } = open();
    expect(refusedOf(100)).toBe(0);
    beLate(101);
    expect(refusedOf(100)).toBe(100);
  });

  test("refuses nothing for a loop that is late with hardly a call under way", () => {
    const { admission, refusedOf, beLate } = open(7);
    beLate(5_000);
    for (let tick = 0; tick < 10; tick++) admission.noteLag(5_000);
    expect(refusedOf(100)).toBe(0);
  });

  test("reports what it refused once a second", () => {
    const { admission, reports, pass } = open(10);
    for (let call = 0; call < 50; call++) admission.refuseCall();
    expect(reports.map(({ refused }) => refused)).toEqual([1]);
    pass(1_000);
    admission.refuseCall();
    expect(reports.map(({ refused }) => refused)).toEqual([1, 50]);
  });

  test("refuses everything once it is stopped, and says why", () => {
    const { admission } = open();
    admission.stop();
    expect(admission.refuseCall()?.code).toBe("shutting_down");
  });
});
