import { describe, expect, test } from "bun:test";
import { setAlarm } from "./alarms.ts";

const waitFor = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("setAlarm", () => {
  test("rings each alarm once, in order, not before its time, and none that was cancelled", async () => {
    const rung: string[] = [];
    const began = performance.now();
    let firstAfter = 0;
    setAlarm(40, () => {
      firstAfter = performance.now() - began;
      rung.push("first");
    });
    const cancelled = setAlarm(40, () => rung.push("cancelled"));
    await waitFor(15);
    const last = setAlarm(40, () => rung.push("last"));
    cancelled.cancel();
    cancelled.cancel();
    await new Promise<void>((resolve) => setAlarm(80, resolve));
    last.cancel();
    expect(rung).toEqual(["first", "last"]);
    expect(firstAfter).toBeGreaterThanOrEqual(39);
  });

  test("any of a queue can be cancelled, and a queue that is empty begins anew", async () => {
    const rung: number[] = [];
    const alarms = [0, 1, 2, 3, 4].map((name) => setAlarm(25, () => rung.push(name)));
    for (const name of [0, 2, 4]) alarms[name]?.cancel();
    await waitFor(60);
    expect(rung).toEqual([1, 3]);
    await new Promise<void>((resolve) => setAlarm(25, resolve));
    setAlarm(25, () => rung.push(5)).cancel();
    await waitFor(50);
    expect(rung).toEqual([1, 3]);
  });

  test("more lengths than there are queues all ring, and can be cancelled", async () => {
    const rung = new Set<number>();
    const lengths = Array.from({ length: 40 }, (_, index) => 20 + index);
    const alarms = lengths.map((length) => setAlarm(length, () => rung.add(length)));
    alarms.at(-1)?.cancel();
    alarms.at(0)?.cancel();
    await waitFor(120);
    expect([...rung].toSorted((a, b) => a - b)).toEqual(lengths.slice(1, -1));
  });
});
