import { expect, test } from "bun:test";
import { runHangUps } from "./hang-ups.ts";

test("clients that leave at every place: upstream aborted in time, each call settled once", async () => {
  const { faults, aborted } = await runHangUps(324);
  expect(faults).toEqual([]);
  expect(aborted).toBeGreaterThan(0);
}, 60_000);
