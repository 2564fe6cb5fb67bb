import { expect, test } from "bun:test";
import { runFaked } from "../testing.ts";

const budget = {
  budget: 0,
  scope: "key",
  subject: "k_1",
  per: "day",
  ends: "2026-11-27T00:00:00.000Z",
  limitUsd: 10,
  spentUsd: 4,
  heldUsd: 0.5,
  leftUsd: 5.5,
  forecastUsd: 12,
  runsOutAt: "2026-11-26T20:00:00.000Z",
};
const answering = (data: readonly object[]) => ({ answers: { "GET /admin/v1/budgets": { data, next: null } } });

test("budgets shows what is spent, held and left, and until when it lasts", async () => {
  const { stdout } = await runFaked(["budgets"], answering([budget, { ...budget, scope: "everyone", subject: "" }]));
  expect(stdout).toMatch(
    /key +k_1 +day +\$10\.00 +\$4\.00 +40 % +\$0\.50 +\$5\.50 +\$12\.00 +2026-11-26 20:00 +2026-11-27 00:00/,
  );
  expect(stdout).toMatch(/everyone +– +day/);
});

test("budgets --json gives the data as it is", async () => {
  const { stdout } = await runFaked(["budgets", "--json"], answering([budget]));
  expect(JSON.parse(stdout)).toEqual({ data: [budget] });
});

test("budgets says where there are none", async () => {
  const { stdout } = await runFaked(["budgets"], answering([]));
  expect(stdout).toContain("No budgets are configured");
});
