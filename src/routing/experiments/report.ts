import {
  type ArmReport,
  type ArmSums,
  type Comparison,
  type Estimate,
  type ExperimentMetric,
  type ExperimentOutline,
  type ExperimentReport,
  type ExperimentState,
  experimentMetrics,
  type UnitSums,
  type Verdict,
} from "../../core/ports/experiments.ts";
import { changedFields, controlOf, type ExperimentSettings } from "./settings.ts";
import { boundedInterval } from "./statistics/bounded-mixture.ts";
import {
  type Estimated,
  estimateBounded,
  estimateDifference,
  estimateMean,
  mixtureInterval,
  mixturePValue,
} from "./statistics/normal-mixture.ts";
import { sampleRatioPValue } from "./statistics/sample-ratio.ts";

/** Below this the shares of the arms are not as configured, and nothing else is looked at. */
const mismatchAlpha = 0.001;

const bounded: ReadonlySet<ExperimentMetric> = new Set(["errors", "reward"]);

const estimated = (metric: ExperimentMetric, sums: UnitSums): Estimated =>
  bounded.has(metric) ? estimateBounded(sums) : estimateMean(sums);

/** The mean of outcomes of 0 to 1; exact at every look where each unit is one call. */
export const boundedEstimate = (sums: UnitSums, alpha: number): Estimate | null => {
  const { calls, sum, units } = sums;
  if (calls === 0) return null;
  const { lower, upper } =
    units === calls ? boundedInterval({ count: calls, sum }, alpha) : mixtureInterval(estimateBounded(sums), alpha);
  return { calls, mean: sum / calls, lower: Math.max(0, lower), upper: Math.min(1, upper) };
};

/** Any other mean; null below two units, of which no interval can be made. */
export const meanEstimate = (sums: UnitSums, alpha: number): Estimate | null => {
  if (sums.units < 2) return null;
  const value = estimateMean(sums);
  return { calls: sums.calls, mean: value.mean, ...mixtureInterval(value, alpha) };
};

const estimate = (metric: ExperimentMetric, sums: UnitSums, alpha: number): Estimate | null =>
  bounded.has(metric) ? boundedEstimate(sums, alpha) : meanEstimate(sums, alpha);

const nothing: UnitSums = { units: 0, calls: 0, sum: 0, squares: 0, products: 0, callSquares: 0 };
const emptyArm = (arm: string): ArmSums => ({
  arm,
  units: 0,
  calls: 0,
  metrics: { reward: nothing, cost: nothing, latency: nothing, errors: nothing },
});

/** What an arm came to beside the control; null while either has too few units of the metric. */
const compare = (
  metric: ExperimentMetric,
  [arm, control]: readonly [ArmSums, ArmSums],
  { alpha, minimumUnits }: { readonly alpha: number; readonly minimumUnits: number },
): Comparison | null => {
  const [own, beside] = [arm.metrics[metric], control.metrics[metric]];
  if (Math.min(own.units, beside.units) < minimumUnits) return null;
  const difference = estimateDifference(estimated(metric, own), estimated(metric, beside));
  return {
    arm: arm.arm,
    metric,
    difference: difference.mean,
    ...mixtureInterval(difference, alpha),
    pValue: mixturePValue(difference, alpha),
  };
};

const isBetter = (metric: ExperimentMetric, difference: number): boolean =>
  metric === "reward" ? difference > 0 : difference < 0;

interface Judged {
  readonly control: string;
  readonly primary: ExperimentMetric;
  readonly sampleRatio: number;
  /** Of the primary metric. */
  readonly comparisons: readonly Comparison[];
  readonly others: number;
  readonly minimumUnits: number;
}

const judge = ({ control, primary, sampleRatio, comparisons, others, minimumUnits }: Judged): Verdict => {
  if (sampleRatio < mismatchAlpha)
    return {
      kind: "mismatch",
      best: null,
      text: "The arms did not get their shares of the units. Were weights changed on the way? Give a new name or 'from'.",
    };
  if (comparisons.length < others)
    return {
      kind: "collecting",
      best: null,
      text: `Not every arm has ${minimumUnits} units with a known ${primary} yet.`,
    };
  const clear = comparisons.filter(({ lower, upper }) => lower > 0 || upper < 0);
  const better = clear.filter(({ difference }) => isBetter(primary, difference));
  const [first] = better.toSorted((one, other) => Math.abs(other.difference) - Math.abs(one.difference));
  if (first !== undefined)
    return { kind: "decided", best: first.arm, text: `'${first.arm}' has a better ${primary} than '${control}'.` };
  if (clear.length === others)
    return { kind: "decided", best: control, text: `'${control}' has a better ${primary} than every other arm.` };
  return { kind: "undecided", best: null, text: `No arm has shown to have a better ${primary} than '${control}'.` };
};

const stateAt = ({ state, from, until }: ExperimentSettings, now: number): ExperimentState => {
  if (state === "stopped") return "stopped";
  if (from !== undefined && now < Date.parse(from)) return "waiting";
  return until !== undefined && now >= Date.parse(until) ? "over" : "running";
};

/** An experiment as its settings have it at a moment, in milliseconds since 1970. */
export const outlineExperiment = (name: string, settings: ExperimentSettings, now: number): ExperimentOutline => ({
  name,
  route: settings.route,
  state: stateAt(settings, now),
  unit: settings.unit,
  share: settings.share,
  control: controlOf(settings),
  primary: settings.primary,
  arms: Object.entries(settings.arms).map(([arm, own]) => ({
    arm,
    weight: own.weight,
    changes: [...changedFields({ arms: { [arm]: own } })],
  })),
});

/**
 * What an experiment came to. Whatever it says of one metric may be looked at any time: the intervals of all arms beside
 * the control hold together, at every look, with the configured confidence (shared out evenly among the arms).
 */
export const reportExperiment = (
  outline: ExperimentOutline,
  settings: ExperimentSettings,
  sums: readonly ArmSums[],
): ExperimentReport => {
  const { control, primary } = outline;
  const { confidence, minimumUnits } = settings;
  const byName = new Map(sums.map((arm) => [arm.arm, arm]));
  const arms = outline.arms.map(({ arm, weight }) => ({ weight, sums: byName.get(arm) ?? emptyArm(arm) }));
  const others = arms.filter(({ sums: { arm } }) => arm !== control);
  const alpha = (1 - confidence) / others.length;
  const beside = byName.get(control) ?? emptyArm(control);
  const comparisons = others.flatMap(({ sums: own }) =>
    experimentMetrics.flatMap((metric) => compare(metric, [own, beside], { alpha, minimumUnits }) ?? []),
  );
  const sampleRatio = sampleRatioPValue(arms.map(({ weight, sums: { units } }) => ({ weight, units })));
  return {
    ...outline,
    confidence,
    minimumUnits,
    arms: arms.map(({ weight, sums: own }) => reportArm(own, weight, 1 - confidence)),
    comparisons,
    sampleRatioPValue: sampleRatio,
    verdict: judge({
      ...{ control, primary, sampleRatio, minimumUnits },
      comparisons: comparisons.filter(({ metric }) => metric === primary),
      others: others.length,
    }),
  };
};

const reportArm = ({ arm, units, calls, metrics }: ArmSums, weight: number, alpha: number): ArmReport => ({
  ...{ arm, weight, units, calls },
  estimates: {
    reward: estimate("reward", metrics.reward, alpha),
    cost: estimate("cost", metrics.cost, alpha),
    latency: estimate("latency", metrics.latency, alpha),
    errors: estimate("errors", metrics.errors, alpha),
  },
});
