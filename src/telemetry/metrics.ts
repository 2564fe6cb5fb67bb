import { type CallCounter, type CallCounterOptions, createCallCounter } from "./call-counter.ts";
import { expositionContentType, type MetricFamily, named, renderExposition } from "./exposition.ts";
import type { MetricsSettings } from "./settings.ts";

export interface MetricsOptions extends Omit<CallCounterOptions, "limit"> {
  readonly settings: MetricsSettings;
  /** Calls that are open now. */
  readonly inFlight: () => number;
  /** Calls that were turned away because there was too much to do, since the start. */
  readonly shedCalls: () => number;
  /** Targets whose circuit is not closed, `provider/model`. */
  readonly openCircuits: () => readonly string[];
}

export interface Metrics {
  readonly observe: CallCounter["observe"];
  /** Everything as it stands, as plain data. */
  collect(): readonly MetricFamily[];
  /** The same in Prometheus' text format. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** A metric with one line, whose value is asked for when it is shown. */
const single = ({ name, ...family }: Omit<MetricFamily, "samples">, value: number): MetricFamily => ({
  ...family,
  name: named(name),
  samples: [{ suffix: "", labels: [], value }],
});

/** What is true of this process, whatever it does. */
export const processFamilies = (): readonly MetricFamily[] => [
  single(
    { name: "process_resident_memory_bytes", help: "Memory of this process.", type: "gauge" },
    process.memoryUsage.rss(),
  ),
  single(
    { name: "process_uptime_seconds", help: "Seconds since this process started.", type: "gauge" },
    process.uptime(),
  ),
];

const loadFamilies = ({ inFlight, shedCalls }: MetricsOptions): readonly MetricFamily[] => [
  single({ name: "in_flight", help: "Calls that are open now.", type: "gauge" }, inFlight()),
  single({ name: "shed_calls_total", help: "Calls turned away for overload.", type: "counter" }, shedCalls()),
];

/** One series per target that is not called now; the others are absent. */
const openCircuitsFamily = ({ openCircuits, settings }: MetricsOptions): MetricFamily => ({
  name: named("circuit_open"),
  help: "1 while a target's circuit is open or being probed.",
  type: "gauge",
  samples: openCircuits()
    .slice(0, settings.maxLabelSets)
    .map((target) => ({ suffix: "", labels: [["target", target]], value: 1 })),
});

/** Counts calls for Prometheus, and shows how the process is doing. */
export const createMetrics = (options: MetricsOptions): Metrics => {
  const calls = createCallCounter({ ...options, limit: options.settings.maxLabelSets });
  const collect = (): readonly MetricFamily[] => [
    ...calls.collect(),
    ...loadFamilies(options),
    ...processFamilies(),
    openCircuitsFamily(options),
  ];
  return {
    observe: calls.observe,
    collect,
    render: async () => renderExposition(collect()),
    contentType: expositionContentType,
  };
};
