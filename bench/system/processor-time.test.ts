import { expect, test } from "bun:test";
import { type ProcessorReading, readProcessor, secondsBetween, withChildren } from "./processor-time.ts";

const reading = (seconds: number, threads: Readonly<Record<string, number>>): ProcessorReading => ({
  seconds,
  threads: new Map(Object.entries(threads)),
});

test("threads are added up to the nanosecond, new ones too", () => {
  const before = reading(1, { "1/1": 5e8 });
  expect(secondsBetween(before, reading(1.5, { "1/1": 9e8, "1/2": 1e8 }))).toBeCloseTo(0.5, 9);
});

test("where a thread has ended, the coarse count holds", () => {
  const before = reading(1, { "1/1": 5e8, "1/2": 3e8 });
  expect(secondsBetween(before, reading(1.25, { "1/1": 6e8 }))).toBeCloseTo(0.25, 9);
});

test("work is seen, that of children too", async () => {
  const child = Bun.spawn([process.execPath, "-e", "for (;;) ;"]);
  const before = readProcessor([child.pid]);
  expect(withChildren([process.pid])).toContain(child.pid);
  const used = (): number => secondsBetween(before, readProcessor([child.pid]));
  for (const end = performance.now() + 4_000; performance.now() < end && used() < 0.1; ) await Bun.sleep(20);
  expect(used()).toBeGreaterThan(0.1);
  child.kill("SIGKILL");
  await child.exited;
});
