import { expect, test } from "bun:test";
import { runFaked } from "../testing.ts";

const row = {
  group: "m",
  calls: 3,
  attempts: 3,
  failures: 0,
  inputTokens: 10,
  outputTokens: 20,
  costUsd: 4,
  chargeUsd: 4,
  estimatedUsd: 1,
  unpricedAttempts: 0,
};
const usage = (...data: readonly object[]) => ({ answers: { "GET /admin/v1/usage": { data } } });

test("usage shows how much of the cost is estimated", async () => {
  const { stdout, stderr } = await runFaked(["usage"], usage(row));
  expect(stdout).toMatch(/ESTIMATED +UNPRICED\n.*\$4\.00 +25 % +0\n/);
  expect(stderr).toBe("");
});

test("usage says that a bill lacks what models without a price cost", async () => {
  const unpriced = { ...row, group: "free", costUsd: 0, chargeUsd: 0, estimatedUsd: 0, unpricedAttempts: 7 };
  const { stdout, stderr } = await runFaked(["usage"], usage(row, unpriced));
  expect(stdout).toMatch(/free .*\$0 +\$0 +– +7\n/);
  expect(stderr).toContain("7 attempts went to models without a price");
});
