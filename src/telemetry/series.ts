import { boundLabels } from "./bounded-labels.ts";
import { formatNumber, type MetricFamily, type Sample } from "./exposition.ts";

/** What is counted under one set of labels. */
export interface Counter {
  value: number;
}

/** How often values fell between two bounds, and their sum. */
export interface Histogram {
  readonly bounds: readonly number[];
  /** One more than there are bounds; the last holds what is above all of them. */
  readonly counts: Float64Array;
  sum: number;
}

/** Counts one value: in the first bucket whose bound it does not exceed. */
export const observeValue = (histogram: Histogram, value: number): void => {
  const { bounds, counts } = histogram;
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
  counts[bucket] = (counts[bucket] as number) + 1;
  histogram.sum += value;
};

export interface MetricOptions {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Positions of the labels that take names; the others are enumerations. */
  readonly names: readonly number[];
  /** How many combinations of labels there may be. */
  readonly limit: number;
}

/** A metric and how to come by its series. */
export interface Metric<Series> {
  /** The series of these labels' values, the same one each time. To be kept by the caller: finding it takes a while. */
  readonly series: (...values: readonly string[]) => Series;
  readonly collect: () => MetricFamily;
}

type Labels = Sample["labels"];

const createMetric = <Series>(
  { name, help, labels, names, limit }: MetricOptions,
  kind: {
    readonly type: MetricFamily["type"];
    readonly create: () => Series;
    readonly samples: (series: Series, labels: Labels) => readonly Sample[];
  },
): Metric<Series> => {
  const all: (readonly [Series, Labels])[] = [];
  return {
    series: boundLabels({
      limit,
      names,
      create: (values) => {
        const series = kind.create();
        all.push([series, labels.map((label, index) => [label, values[index] ?? ""] as const)]);
        return series;
      },
    }),
    collect: () => ({
      name,
      help,
      type: kind.type,
      samples: all.flatMap(([series, its]) => kind.samples(series, its)),
    }),
  };
};

/** A metric that only rises. */
export const createCounter = (options: MetricOptions): Metric<Counter> =>
  createMetric(options, {
    type: "counter",
    create: () => ({ value: 0 }),
    samples: ({ value }, labels) => [{ suffix: "", labels, value }],
  });

/** Buckets count what is at or below their bound, so each holds the ones before it. */
const histogramSamples = ({ bounds, counts, sum }: Histogram, labels: Labels): readonly Sample[] => {
  let count = 0;
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, index): Sample => {
    count += counts[index] ?? 0;
    return { suffix: "_bucket", labels: [["le", formatNumber(bound)], ...labels], value: count };
  });
  return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: count }];
};

/** A metric of how values are spread. Bounds ascend. */
export const createHistogram = (options: MetricOptions & { readonly bounds: readonly number[] }): Metric<Histogram> =>
  createMetric(options, {
    type: "histogram",
    create: () => ({ bounds: options.bounds, counts: new Float64Array(options.bounds.length + 1), sum: 0 }),
    samples: histogramSamples,
  });
