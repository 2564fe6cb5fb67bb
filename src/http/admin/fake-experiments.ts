import type { Estimate, ExperimentOutline, Experiments, TrialFilter } from "../../core/ports/experiments.ts";

const estimate: Estimate = { calls: 10, mean: 0.5, lower: 0.25, upper: 0.75 };
const outline: ExperimentOutline = {
  ...{ name: "cheaper", route: "fast", state: "running", unit: "user", share: 0.5, control: "now", primary: "cost" },
  arms: [
    { arm: "now", weight: 1, changes: [] },
    { arm: "next", weight: 2, changes: ["strategy"] },
  ],
};

/** For tests: one experiment and one shadow; `asked` holds the filters of all reports. */
export const makeExperiments = (asked: TrialFilter[] = []): Experiments => ({
  list: () => [outline],
  async report(name, filter) {
    asked.push(filter);
    if (name !== outline.name) return undefined;
    const estimates = { reward: null, cost: estimate, latency: null, errors: estimate };
    return {
      ...outline,
      ...{ confidence: 0.95, minimumUnits: 100, sampleRatioPValue: 1 },
      arms: outline.arms.map(({ arm, weight }) => ({ arm, weight, units: 10, calls: 10, estimates })),
      comparisons: [{ arm: "next", metric: "cost", difference: -0.1, lower: -0.3, upper: 0.1, pValue: 0.2 }],
      verdict: { kind: "undecided", best: null, text: "No arm has shown to be better." },
    };
  },
  shadows: async () => [
    {
      ...{ route: "fast", runs: "cloud/small", share: 0.1, maxUsdPerDay: 5, pairs: 10, servedUsd: 2, shadowUsd: 1 },
      ...{ cost: estimate, latency: estimate, errors: estimate, agreement: null, judged: null },
    },
  ],
});
