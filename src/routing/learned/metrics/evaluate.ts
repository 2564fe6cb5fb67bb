import { GatewayError } from "../../../core/errors.ts";
import type { LabelledRow } from "../dataset.ts";
import type { RowPrediction } from "../prediction.ts";
import { baselinesOf, oracleOf, pointOf } from "./baselines.ts";
import { type BootstrapOptions, bootstrap, intervalOf } from "./bootstrap.ts";
import { averageImprovementInQuality, type CostPoint, costRange, savedOnCurve, savedRealised } from "./cost-curve.ts";
import type { CurveFigures, Evaluation, Figure, ModelFigures, PairFigures, PolicyFigures } from "./evaluation.ts";
import { mean, type OutcomeTable, outcomeTable, type Realised } from "./outcome-table.ts";
import { matchPredictions, realise } from "./realise.ts";
import { brierScore, calibrationError, oracleGapRecovered, percentile, routerArenaScore } from "./scores.ts";
import { averageGapRecovered, callPerformanceThreshold, type SharePoint, shareCurve } from "./share-curve.ts";
import { type Expected, sweepPrices } from "./sweep.ts";

export interface EvaluateOptions {
  /** Models to evaluate among; absent: those of the first prediction. */
  readonly models?: readonly string[];
  /** The best constant of the training rows; absent: chosen on these. */
  readonly best?: string;
  readonly resamples?: number;
  readonly seed?: number;
}

const shares = [1, 0.99, 0.98, 0.95];
const recoveries = [0.5, 0.8];

const expectedOf = ({ models }: OutcomeTable, predictions: readonly RowPrediction[]): Expected => {
  const column = (field: "quality" | "cost") =>
    models.map((model) =>
      Float64Array.from(predictions, (one) => {
        const value = one[field][model];
        if (value === undefined)
          throw new GatewayError("invalid_value", `The prediction of row '${one.id}' lacks ${field} of '${model}'.`);
        return value;
      }),
    );
  return { quality: column("quality"), cost: column("cost") };
};

const at = (values: Float64Array, indices: Uint32Array): Float64Array =>
  Float64Array.from(indices, (index) => values[index] ?? Number.NaN);

const curveFigures = (points: readonly CostPoint[], best: CostPoint, all: readonly CostPoint[]): CurveFigures => ({
  aiq: averageImprovementInQuality(points, costRange(all)) ?? null,
  saved: shares.map((share) => ({ share, saved: savedOnCurve(points, best, share) ?? null })),
});

interface Judged {
  readonly realised: Realised;
  readonly best: Realised;
  readonly oracle: Realised;
  readonly predictions: readonly RowPrediction[];
  readonly sampling: BootstrapOptions;
}

const policyFigures = ({ realised, best, oracle, predictions, sampling }: Judged): PolicyFigures => {
  const figuresAt = (policy: CostPoint, constant: CostPoint) => ({ ...policy, ...savedRealised(policy, constant) });
  const samples = bootstrap(sampling, (indices) => {
    const of = ({ quality, cost }: Realised) => ({
      quality: mean(at(quality, indices)),
      cost: mean(at(cost, indices)),
    });
    return figuresAt(of(realised), of(best));
  });
  const whole = figuresAt(pointOf(realised), pointOf(best));
  const figure = (name: keyof typeof whole): Figure => ({
    value: whole[name],
    ...intervalOf(samples.map((one) => one[name])),
  });
  const kinds = Object.groupBy(predictions, ({ action }) => action.kind);
  return {
    quality: figure("quality"),
    cost: figure("cost"),
    kept: figure("kept"),
    saved: figure("saved"),
    oracleGapRecovered: oracleGapRecovered(whole.quality, mean(best.quality), mean(oracle.quality)) ?? null,
    routerArena: routerArenaScore(whole.quality, whole.cost * 1_000),
    callsPerQuery: mean(predictions.map(({ action }) => action.models.length)),
    kinds: Object.fromEntries(
      Object.entries(kinds).map(([kind, some]) => [kind, (some?.length ?? 0) / predictions.length]),
    ),
  };
};

const column = (table: OutcomeTable, model: string): Realised => {
  const index = table.models.indexOf(model);
  return { quality: table.quality[index] ?? new Float64Array(), cost: table.cost[index] ?? new Float64Array() };
};

const pairFigures = (
  { weak, strong }: { readonly weak: string; readonly strong: string },
  { table, expected, sampling }: { table: OutcomeTable; expected: Expected; sampling: BootstrapOptions },
): PairFigures => {
  const [a, b] = [table.models.indexOf(weak), table.models.indexOf(strong)];
  const scores = Float64Array.from(
    expected.quality[b] ?? [],
    (value, row) => value - (expected.quality[a]?.[row] ?? Number.NaN),
  );
  const truth = { weak: column(table, weak).quality, strong: column(table, strong).quality };
  const gap = (curve: readonly SharePoint[] | undefined) =>
    curve === undefined ? Number.NaN : averageGapRecovered(curve);
  const curve = shareCurve({ scores, ...truth });
  if (curve === undefined)
    return { weak, strong, apgr: null, cpt: recoveries.map((recovered) => ({ recovered, share: null })) };
  const samples = bootstrap(sampling, (indices) =>
    gap(shareCurve({ scores: at(scores, indices), weak: at(truth.weak, indices), strong: at(truth.strong, indices) })),
  );
  return {
    weak,
    strong,
    apgr: { value: gap(curve), ...intervalOf(samples) },
    cpt: recoveries.map((recovered) => ({ recovered, share: callPerformanceThreshold(curve, recovered) ?? null })),
  };
};

const modelFigures = (table: OutcomeTable, expected: Expected): readonly ModelFigures[] =>
  table.models.map((model, index) => {
    const [quality, cost] = [expected.quality[index] ?? [], expected.cost[index] ?? []];
    const actual = column(table, model);
    const paid = mean(actual.cost);
    return {
      model,
      brier: brierScore(quality, actual.quality),
      ece: calibrationError(quality, actual.quality),
      costRatio: paid === 0 ? null : mean(cost) / paid,
    };
  });

/**
 * Judges predictions by labelled rows: every metric of a router, with what stands beside it. Throws GatewayError
 * `invalid_value` where a row has no prediction, or a model that was chosen no label.
 */
export const evaluate = (
  rows: readonly LabelledRow[],
  unordered: readonly RowPrediction[],
  options: EvaluateOptions = {},
): Evaluation => {
  const predictions = matchPredictions(rows, unordered);
  const table = outcomeTable(rows, options.models ?? Object.keys(predictions[0]?.quality ?? {}));
  if (options.best !== undefined && !table.models.includes(options.best))
    throw new GatewayError("invalid_value", `'${options.best}' is none of the models: ${table.models.join(", ")}.`);
  const expected = expectedOf(table, predictions);
  const baselines = baselinesOf(table, options.best);
  const sampling = { size: table.size, resamples: options.resamples ?? 1_000, seed: options.seed ?? 1 };
  const { best, cheapest } = baselines;
  const curve = sweepPrices(expected, table);
  const all = [...curve, ...baselines.constants];
  const times = predictions.flatMap(({ microseconds }) => microseconds ?? []);
  return {
    rows: rows.length,
    bestChosenOn: options.best === undefined ? "these rows" : "other rows",
    policy: policyFigures({
      realised: realise(rows, predictions),
      best: column(table, best.model),
      oracle: oracleOf(table),
      predictions,
      sampling,
    }),
    curve: curveFigures(curve, best, all),
    zeroRouter: curveFigures(baselines.constants, best, all),
    pair: pairFigures({ weak: cheapest.model, strong: best.model }, { table, expected, sampling }),
    models: modelFigures(table, expected),
    baselines,
    microseconds: times.length === 0 ? null : { p50: percentile(times, 0.5), p99: percentile(times, 0.99) },
  };
};
