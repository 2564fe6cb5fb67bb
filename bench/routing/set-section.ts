import { baselinesOf } from "../../src/routing/learned/metrics/baselines.ts";
import { bootstrap, intervalOf } from "../../src/routing/learned/metrics/bootstrap.ts";
import { type CostPoint, savedOnCurve } from "../../src/routing/learned/metrics/cost-curve.ts";
import { mean, type OutcomeTable, outcomeTable } from "../../src/routing/learned/metrics/outcome-table.ts";
import { brierScore, calibrationError, percentile } from "../../src/routing/learned/metrics/scores.ts";
import { averageGapRecovered, shareCurve } from "../../src/routing/learned/metrics/share-curve.ts";
import type { ActionKinds } from "../../src/routing/learned/policy.ts";
import { crossValidate, keeps, type Outcome, type Validated } from "./cross-validate.ts";
import { judgeSection, percent, type RoutingSection, type SectionBar, type SectionTable } from "./section.ts";
import { type RoutingSet, readSet } from "./sets.ts";

export interface Effort {
  readonly folds: number;
  readonly resamples: number;
  readonly seed: number;
}

/** Figures that a set is to reach, as shares; those that its data do not allow are absent. */
export interface Wanted {
  /** Saved at 99 % and 95 % of the best model's quality, read off the curve of single models. */
  readonly curve: readonly [at99: number, at95: number];
  readonly cascadeCurve?: readonly [at99: number, at95: number];
  readonly gapRecovered?: number;
  /** Share of the bootstrap samples in which a promise must hold; 0.95 where absent. */
  readonly kept?: number;
  /** Saved by the promises to keep 95, 98 and 99 %. */
  readonly promised?: readonly [number, number, number];
}

const pointOf = ({ quality, cost }: Outcome): CostPoint => ({ quality: mean(quality), cost: mean(cost) });
const interval = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `${percent(low)} – ${percent(high)}`;
const kindsOf = (rows: readonly { readonly ans?: object }[]): readonly ActionKinds[] =>
  rows.some(({ ans }) => ans !== undefined) ? ["singles", "cascades"] : ["singles"];

const baselineTable = (table: OutcomeTable, validated: Validated): SectionTable => {
  const { cheapest, random, best, zeroRouter, oracle } = baselinesOf(table);
  const line = (name: string, { quality, cost }: CostPoint): readonly string[] => [
    name,
    percent(quality),
    (cost * 1_000).toPrecision(3),
  ];
  const zero = (share: number): string => percent(savedOnCurve(zeroRouter, best, share) ?? Number.NaN);
  return {
    columns: ["single models", "quality %", "USD per 1,000"],
    rows: [
      line(`cheapest: ${cheapest.model}`, cheapest),
      line("random", random),
      line(`best: ${best.model}`, best),
      line("best of each training part", pointOf(validated.best)),
      line("oracle", oracle),
      [`zero router, saved @99 / @95: ${zero(0.99)} / ${zero(0.95)}`, "", ""],
    ],
  };
};

const curveOn = (outcomes: readonly Outcome[], indices: Uint32Array): readonly CostPoint[] =>
  outcomes.map(({ quality, cost }) => {
    let [q, c] = [0, 0];
    for (const at of indices) {
      q += quality[at] ?? 0;
      c += cost[at] ?? 0;
    }
    return { quality: q / indices.length, cost: c / indices.length };
  });

const savedInterval = (validated: Validated, kinds: ActionKinds, share: number, best: Outcome, effort: Effort) =>
  intervalOf(
    bootstrap({ size: best.quality.length, resamples: effort.resamples, seed: effort.seed }, (indices) => {
      const [reference] = curveOn([best], indices);
      return reference === undefined
        ? Number.NaN
        : (savedOnCurve(curveOn(validated.curves[kinds], indices), reference, share) ?? Number.NaN);
    }),
  );

/** Share of bootstrap samples in which a policy keeps `share` of the best constant's quality. */
const keptShare = (policy: Outcome, best: Outcome, share: number, { resamples, seed }: Effort): number =>
  mean(
    bootstrap({ size: best.quality.length, resamples: Math.max(200, resamples), seed }, (indices) => {
      let difference = 0;
      for (const at of indices) difference += (policy.quality[at] ?? 0) - share * (best.quality[at] ?? 0);
      return difference >= -1e-9 ? 1 : 0;
    }),
  );

/** 95 % intervals of the share of the best model's quality that a policy keeps, and of what it saves. */
const realisedIntervals = (policy: Outcome, best: Outcome, { resamples, seed }: Effort) => {
  const samples = bootstrap({ size: best.quality.length, resamples, seed }, (indices) => {
    const [mine, its] = curveOn([policy, best], indices);
    if (mine === undefined || its === undefined) return { kept: Number.NaN, saved: Number.NaN };
    return { kept: mine.quality / its.quality, saved: 1 - mine.cost / its.cost };
  });
  return {
    kept: intervalOf(samples.map(({ kept }) => kept)),
    saved: intervalOf(samples.map(({ saved }) => saved)),
  };
};

/**
 * The most that any price of the curve saves while it keeps `share` of the best's quality in 95 % of samples, had the
 * price been picked on these very rows: no choice of the price can promise more with these predictions.
 */
const savedInHindsight = (outcomes: readonly Outcome[], best: Outcome, share: number): number => {
  const size = best.quality.length;
  let most = 0;
  for (const { quality, cost } of outcomes) {
    const differences = quality.map((one, at) => one - share * (best.quality[at] ?? 0));
    const average = mean(differences);
    const variance = mean(differences.map((one) => (one - average) ** 2));
    if (average >= 1.645 * Math.sqrt(variance / size)) most = Math.max(most, 1 - mean(cost) / mean(best.cost));
  }
  return most;
};

interface Judged {
  readonly tables: readonly SectionTable[];
  readonly bars: readonly SectionBar[];
}

const judgeCurves = (
  validated: Validated,
  best: Outcome,
  {
    kinds,
    wanted,
    effort,
  }: { readonly kinds: readonly ActionKinds[]; readonly wanted: Wanted; readonly effort: Effort },
): Judged => {
  const bars: SectionBar[] = [];
  const rows = kinds.map((kind) => {
    const points = validated.curves[kind].map(pointOf);
    const saved = [1, 0.99, 0.95].map((share) => savedOnCurve(points, pointOf(best), share) ?? Number.NaN);
    const bar = kind === "singles" ? wanted.curve : wanted.cascadeCurve;
    if (bar !== undefined)
      bars.push(
        { name: `${kind}: saved @99 %, off the curve`, value: saved[1] ?? Number.NaN, atLeast: bar[0] },
        { name: `${kind}: saved @95 %, off the curve`, value: saved[2] ?? Number.NaN, atLeast: bar[1] },
      );
    return [
      kind,
      ...saved.map(percent),
      ...[0.99, 0.95].map((share) => interval(savedInterval(validated, kind, share, best, effort))),
    ];
  });
  const columns = ["saved off the curve, %", "@100", "@99", "@95", "@99, 95 % interval", "@95, 95 % interval"];
  return { tables: [{ columns, rows }], bars };
};

const judgePromises = (
  validated: Validated,
  {
    kinds,
    wanted,
    effort,
  }: { readonly kinds: readonly ActionKinds[]; readonly wanted: Wanted; readonly effort: Effort },
): Judged => {
  const bars: SectionBar[] = [];
  const best = pointOf(validated.best);
  const rows = kinds.flatMap((kind) =>
    keeps.map((keep, index) => {
      const policy = validated.policies.get(`${kind} ${keep}`) as Outcome;
      const point = pointOf(policy);
      const saved = 1 - point.cost / best.cost;
      const kept = keptShare(policy, validated.best, keep, effort);
      bars.push({ name: `${kind}: keep ${keep} kept, share of bootstraps`, value: kept, atLeast: wanted.kept ?? 0.95 });
      const floor = wanted.promised?.[index];
      if (kind === kinds.at(-1) && floor !== undefined)
        bars.push({ name: `${kind}: keep ${keep}, saved`, value: saved, atLeast: floor });
      if (kind === "cascades" && keep === 0.98)
        bars.push(
          { name: "cascades: keep 0.98, quality of the best's", value: point.quality / best.quality, atLeast: 0.99 },
          { name: "cascades: keep 0.98, saved at that quality", value: saved, atLeast: 0.5 },
        );
      const intervals = realisedIntervals(policy, validated.best, effort);
      return [
        `${kind} ${keep}`,
        percent(point.quality),
        percent(point.quality / best.quality),
        interval(intervals.kept),
        percent(saved),
        interval(intervals.saved),
        percent(kept),
        percent(savedInHindsight(validated.curves[kind], validated.best, keep)),
      ];
    }),
  );
  const columns = [
    "realised, at the price picked in training",
    "quality %",
    "of the best's %",
    "95 % interval",
    "saved %",
    "95 % interval",
    "kept in bootstraps %",
    "most that any price could promise %",
  ];
  return { tables: [{ columns, rows }], bars };
};

const judgeGap = ({ models, expected }: Validated, table: OutcomeTable, wanted: Wanted): Judged => {
  if (models.length !== 2) return { tables: [], bars: [] };
  const best = baselinesOf(table).best.model;
  const strong = models.indexOf(best);
  const [up, down] = [expected[strong], expected[1 - strong]];
  if (up === undefined || down === undefined) return { tables: [], bars: [] };
  const curve = shareCurve({
    scores: up.map((value, at) => value - (down[at] ?? 0)),
    weak: table.quality[1 - strong] ?? [],
    strong: table.quality[strong] ?? [],
  });
  const value = curve === undefined ? Number.NaN : averageGapRecovered(curve);
  const bars = wanted.gapRecovered === undefined ? [] : [{ name: "APGR", value, atLeast: wanted.gapRecovered }];
  return { tables: [{ columns: ["APGR"], rows: [[value.toFixed(3)]] }], bars };
};

const predictionTable = ({ expected, microseconds, trainSeconds }: Validated, table: OutcomeTable, folds: number) => {
  const average = (of: (column: Float64Array, actual: Float64Array) => number): number =>
    mean(expected.map((column, at) => of(column, table.quality[at] as Float64Array)));
  const constant = mean(
    table.quality.map((actual) => {
      const level = mean(actual);
      return brierScore(
        actual.map(() => level),
        actual,
      );
    }),
  );
  return {
    columns: ["Brier", "of the mean alone", "ECE", "decision p50 µs", "p99 µs", "training s"],
    rows: [
      [
        average(brierScore).toFixed(4),
        constant.toFixed(4),
        average(calibrationError).toFixed(4),
        percentile(microseconds, 0.5).toFixed(0),
        percentile(microseconds, 0.99).toFixed(0),
        (trainSeconds / folds).toFixed(1),
      ],
    ],
  };
};

/** Cross-validates a set through the code of `router train` and `router predict`. */
export const setSection = ({ name, models }: RoutingSet, wanted: Wanted, effort: Effort): RoutingSection => {
  const rows = readSet(name);
  const table = outcomeTable(rows, models);
  const validated = crossValidate(rows, { models: table.models, folds: effort.folds, seed: effort.seed });
  const index = table.models.indexOf(baselinesOf(table).best.model);
  const best: Outcome = { quality: table.quality[index] as Float64Array, cost: table.cost[index] as Float64Array };
  const kinds = kindsOf(rows);
  const judged = [
    judgeCurves(validated, best, { kinds, wanted, effort }),
    judgePromises(validated, { kinds, wanted, effort }),
    judgeGap(validated, table, wanted),
  ];
  return judgeSection({
    title: name,
    about: `${rows.length} rows, ${table.models.length} models, ${effort.folds} folds; prices are picked on the training part alone.`,
    tables: [
      baselineTable(table, validated),
      ...judged.flatMap(({ tables }) => tables),
      predictionTable(validated, table, effort.folds),
    ],
    bars: [
      ...judged.flatMap(({ bars }) => bars),
      { name: "decision p50, µs", value: percentile(validated.microseconds, 0.5), atMost: 2_000 },
    ],
  });
};
