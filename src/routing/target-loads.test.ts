import { expect, test } from "bun:test";
import { TargetLoads } from "./target-loads.ts";

const minutes = 60_000;

test("outcomes count half as much after ten minutes", () => {
  const loads = new TargetLoads();
  expect(loads.of("a/x").outcomes).toBeUndefined();
  const load = loads.begin("a/x");
  loads.count(load, "success", 5 * minutes);
  loads.count(load, "failure", 5 * minutes);
  expect(loads.of("a/x").outcomes).toEqual({ successes: 1, failures: 1 });
  loads.count(load, "success", 15 * minutes);
  expect(loads.of("a/x").outcomes).toEqual({ successes: 1.5, failures: 0.5 });
});

test("a quota is kept for a target that was not called from here too", () => {
  const loads = new TargetLoads();
  const quota = { of: "requests", left: 0.3, resetsAt: 7 } as const;
  loads.noteQuota("a/x", quota);
  expect(loads.of("a/x")).toMatchObject({ inFlight: 0, quota });
});
