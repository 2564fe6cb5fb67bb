import { expect, test } from "bun:test";
import { runFaked } from "../testing.ts";

const estimate = { calls: 120, mean: 0.00042, lower: 0.0004, upper: 0.00045 };
const none = { reward: null, cost: null, latency: null, errors: null };
const list = {
  data: [
    {
      ...{
        name: "cheaper",
        route: "fast",
        state: "running",
        unit: "user",
        share: 0.25,
        control: "now",
        primary: "cost",
      },
      arms: [
        { arm: "now", weight: 1, changes: [] },
        { arm: "next", weight: 2, changes: ["targets"] },
      ],
    },
  ],
  shadows: [
    {
      ...{ route: "fast", runs: "lab/small", share: 1, maxUsdPerDay: 5, pairs: 1_200, servedUsd: 2, shadowUsd: 0.5 },
      ...{ cost: null, latency: { ...estimate, mean: -120, lower: -150, upper: -90 }, errors: null },
      ...{ agreement: { ...estimate, mean: 0.9, lower: 0.85, upper: 0.95 }, judged: null },
    },
  ],
};
const report = {
  ...list.data[0],
  ...{ confidence: 0.95, minimumUnits: 100, sampleRatioPValue: 0.8, since: null, until: null },
  arms: [
    { arm: "now", weight: 1, units: 120, calls: 240, estimates: { ...none, cost: estimate } },
    { arm: "next", weight: 2, units: 250, calls: 400, estimates: none },
  ],
  comparisons: [{ arm: "next", metric: "errors", difference: -0.02, lower: -0.03, upper: -0.01, pValue: 0.00001 }],
  verdict: { kind: "decided", best: "next", text: "'next' is better." },
};
const answers = {
  "GET /admin/v1/experiments": list,
  "GET /admin/v1/experiments/cheaper": report,
};

test("experiments lists them, and shadows below", async () => {
  const { stdout } = await runFaked(["experiments"], { answers });
  expect(stdout).toMatch(/cheaper +fast +running +user +25 % +now \(1\), next \(2\)/);
  expect(stdout).toMatch(
    /fast +lab\/small +1,200 +\$2\.00 +\$0\.50 +−120 ms \(−150 ms … −90 ms\) +– +90 % \(85 % … 95 %\)/,
  );
});

test("experiments show tells of arms, differences and the verdict", async () => {
  const { stdout } = await runFaked(["experiments", "show", "cheaper"], { answers });
  expect(stdout).toContain("cheaper on route fast, running. 'next' is better.");
  expect(stdout).toMatch(/now \(control\) +1 +120 +240 +– +\$0\.00042 \(\$0\.00040 … \$0\.00045\)/);
  expect(stdout).toMatch(/next +errors +−2 % \(−3 % … −1 %\) +<0\.0001/);
});

test("experiments show says where there is nothing to compare yet", async () => {
  const young = { ...answers, "GET /admin/v1/experiments/cheaper": { ...report, comparisons: [] } };
  expect((await runFaked(["experiments", "show", "cheaper"], { answers: young })).stdout).toContain("Too few units");
});

test("--json gives the data as it is", async () => {
  const { stdout } = await runFaked(["experiments", "show", "cheaper", "--json"], { answers });
  expect(JSON.parse(stdout)).toEqual(report);
});

test("without any it says where to read on", async () => {
  const none = { answers: { "GET /admin/v1/experiments": { data: [], shadows: [] } } };
  expect((await runFaked(["experiments"], none)).stdout).toContain("No experiments are configured");
});
