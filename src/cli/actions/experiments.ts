import { z } from "zod";
import type { CliContext } from "../context.ts";
import { formatCount, formatMilliseconds, formatUsd } from "../output/quantities.ts";
import { request } from "../request.ts";
import { readMoment } from "./moment.ts";

const estimateSchema = z.looseObject({ mean: z.number(), lower: z.number(), upper: z.number() }).nullable();
type Estimate = z.output<typeof estimateSchema>;

const listSchema = z.looseObject({
  data: z.array(
    z.looseObject({
      name: z.string(),
      route: z.string(),
      state: z.string(),
      unit: z.string(),
      share: z.number(),
      primary: z.string(),
      arms: z.array(z.looseObject({ arm: z.string(), weight: z.number() })),
    }),
  ),
  shadows: z.array(
    z.looseObject({
      route: z.string(),
      runs: z.string(),
      pairs: z.number(),
      servedUsd: z.number(),
      shadowUsd: z.number(),
      latency: estimateSchema,
      errors: estimateSchema,
      agreement: estimateSchema,
      judged: estimateSchema,
    }),
  ),
});

const metrics = ["reward", "cost", "latency", "errors"] as const;
type Metric = (typeof metrics)[number];

const reportSchema = z.looseObject({
  name: z.string(),
  route: z.string(),
  state: z.string(),
  control: z.string(),
  primary: z.string(),
  confidence: z.number(),
  arms: z.array(
    z.looseObject({
      arm: z.string(),
      weight: z.number(),
      units: z.number(),
      calls: z.number(),
      estimates: z.looseObject({
        reward: estimateSchema,
        cost: estimateSchema,
        latency: estimateSchema,
        errors: estimateSchema,
      }),
    }),
  ),
  comparisons: z.array(
    z.looseObject({
      arm: z.string(),
      metric: z.enum(metrics),
      difference: z.number(),
      lower: z.number(),
      upper: z.number(),
      pValue: z.number(),
    }),
  ),
  sampleRatioPValue: z.number(),
  verdict: z.looseObject({ kind: z.string(), text: z.string() }),
});

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

const signed = (value: number, format: (size: number) => string): string =>
  value < 0 ? `−${format(-value)}` : format(value);

const formats: Readonly<Record<Metric, (value: number) => string>> = {
  reward: (value) => value.toFixed(3),
  cost: formatUsd,
  latency: formatMilliseconds,
  errors: percent,
};

const formatWith = (metric: Metric, value: number): string => signed(value, formats[metric]);

const interval = (metric: Metric, estimate: Estimate): string =>
  estimate === null
    ? "–"
    : `${formatWith(metric, estimate.mean)} (${formatWith(metric, estimate.lower)} … ${formatWith(metric, estimate.upper)})`;

const right = (title: string) => ({ title, align: "right" }) as const;

/** Every experiment, and every shadow. */
export const listExperiments = async ({ print, table, withClient, style }: CliContext): Promise<void> => {
  const found = await withClient((client) => request(client, { path: "/admin/v1/experiments", schema: listSchema }));
  print(found, () => {
    const experiments = table({
      columns: [
        ..."EXPERIMENT ROUTE STATE UNIT".split(" ").map((title) => ({ title })),
        right("SHARE"),
        { title: "ARMS" },
      ],
      rows: found.data.map(({ name, route, state, unit, share, arms }) => [
        ...[name, route, state, unit, percent(share)],
        arms.map(({ arm, weight }) => `${arm} (${weight})`).join(", "),
      ]),
      empty: style("dim", "No experiments are configured. docs/experiments.md tells how."),
    });
    if (found.shadows.length === 0) return experiments;
    const shadows = table({
      columns: [
        ...[{ title: "SHADOW OF" }, { title: "RUNS" }],
        ..."PAIRS|COST|SHADOW'S|LATENCY|ERRORS|AGREE|JUDGED".split("|").map(right),
      ],
      rows: found.shadows.map((shadow) => [
        ...[shadow.route, shadow.runs, formatCount(shadow.pairs)],
        ...[formatUsd(shadow.servedUsd), formatUsd(shadow.shadowUsd)],
        ...[interval("latency", shadow.latency), interval("errors", shadow.errors)],
        ...[interval("errors", shadow.agreement), interval("reward", shadow.judged)],
      ]),
      empty: "",
    });
    return `${experiments}\n${shadows}`;
  });
};

export interface ExperimentFlags {
  readonly since?: string;
  readonly until?: string;
}

/** What one experiment came to. */
export const showExperiment = async (context: CliContext, name: string, flags: ExperimentFlags): Promise<void> => {
  const { system, print, table, withClient, style } = context;
  const reading = { now: system.now(), direction: "back" } as const;
  const query = {
    since: readMoment("--since", flags.since, reading),
    until: readMoment("--until", flags.until, reading),
  };
  const path = `/admin/v1/experiments/${encodeURIComponent(name)}`;
  const found = await withClient((client) => request(client, { path, query, schema: reportSchema }));
  print(found, () =>
    [
      `${style("bold", found.name)} on route ${found.route}, ${found.state}. ${found.verdict.text}\n`,
      table({
        columns: [{ title: "ARM" }, ..."WEIGHT UNITS CALLS REWARD COST LATENCY ERRORS".split(" ").map(right)],
        rows: found.arms.map(({ arm, weight, units, calls, estimates }) => [
          ...[arm === found.control ? `${arm} (control)` : arm, String(weight)],
          ...[formatCount(units), formatCount(calls)],
          ...metrics.map((metric) => interval(metric, estimates[metric])),
        ]),
        empty: "",
      }),
      table({
        columns: [{ title: "BESIDE CONTROL" }, { title: "METRIC" }, right("DIFFERENCE"), right("P")],
        rows: found.comparisons.map(({ arm, metric, difference, lower, upper, pValue }) => [
          ...[arm, metric, interval(metric, { mean: difference, lower, upper })],
          pValue < 0.0001 ? "<0.0001" : pValue.toFixed(4),
        ]),
        empty: style("dim", "Too few units for a comparison yet."),
      }),
    ].join("\n"),
  );
};
