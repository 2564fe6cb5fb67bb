import { beforeEach, expect, test } from "bun:test";
import type { Demand } from "../core/ports/limits.ts";
import { SharedLimits } from "../limits/shared-limits.ts";
import type { LimitsService } from "../remote/limits.ts";
import { serveLimits } from "./serve-limits.ts";
import type { Worker } from "./worker-pool.ts";

let first: LimitsService;
let second: LimitsService;
let limits: SharedLimits<Worker>;
beforeEach(() => {
  limits = new SharedLimits<Worker>({ monotonic: () => 0 });
  [first, second] = [serveLimits(limits, {} as Worker), serveLimits(limits, {} as Worker)];
});

const atOnce = (id: string): Demand => ({
  id,
  tokens: 0,
  claims: [{ scope: "everyone", subject: "", windowMilliseconds: 0, concurrent: 1 }],
});

test("the end of a call that is read right after the next one asked still lets it on", async () => {
  await first["limits.reserve"](atOnce("a"));
  const asked = second["limits.reserve"](atOnce("b"));
  first["limits.settle"]({ id: "a", tokens: 0, unused: [] });
  expect(await asked).toMatchObject({ kind: "granted" });
});

test("where nothing comes, the refusal stays", async () => {
  await first["limits.reserve"](atOnce("a"));
  expect(await second["limits.reserve"](atOnce("b"))).toMatchObject({ kind: "refused", amount: "concurrent" });
});

test("what is asked again counts once, as it ended", async () => {
  await first["limits.reserve"](atOnce("a"));
  await second["limits.reserve"](atOnce("b"));
  const asked = second["limits.reserve"](atOnce("c"));
  first["limits.settle"]({ id: "a", tokens: 0, unused: [] });
  await asked;
  expect(limits.tallies()).toEqual([
    {
      scope: "everyone",
      windowMilliseconds: 0,
      granted: 2,
      refused: { requests: 0, tokens: 0, concurrent: 1 },
    },
  ]);
});

test("an asker that gave up meanwhile gets nothing that it would keep", async () => {
  await first["limits.reserve"](atOnce("a"));
  const asked = second["limits.reserve"](atOnce("b"));
  second["limits.release"]({ id: "b" });
  first["limits.release"]({ id: "a" });
  expect(await asked).toMatchObject({ kind: "refused" });
  expect(await second["limits.reserve"](atOnce("c"))).toMatchObject({ kind: "granted" });
});

test("a limit on requests refuses at once", () => {
  const one = (id: string): Demand => ({
    id,
    tokens: 0,
    claims: [{ scope: "everyone", subject: "", windowMilliseconds: 60_000, requests: 1 }],
  });
  expect(first["limits.reserve"](one("a"))).toMatchObject({ kind: "granted" });
  expect(second["limits.reserve"](one("b"))).toMatchObject({ kind: "refused", waitMilliseconds: 60_000 });
});
