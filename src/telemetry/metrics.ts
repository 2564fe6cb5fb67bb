import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { AttemptRecord, CallRecord } from "../core/ledger.ts";
import { toUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import { boundLabels, otherLabel } from "./bounded-labels.ts";
import type { MetricsSettings } from "./settings.ts";

export interface MetricsOptions {
  readonly settings: MetricsSettings;
  /** Whether the configuration knows the name. Clients choose names; unknown ones are counted as `other`. */
  readonly isKnownRoute: (name: string) => boolean;
  readonly isKnownModel: (name: string) => boolean;
  /** Calls that are open now. */
  readonly inFlight: () => number;
  /** Targets whose circuit is not closed, `provider/model`. */
  readonly openCircuits: () => readonly string[];
}

export interface Metrics {
  /** Counts one settled call and its attempts. */
  observe(record: CallRecord): void;
  /** Everything in Prometheus' text format. */
  render(): Promise<string>;
  readonly contentType: string;
}

const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];
const firstTokenBuckets = [0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5, 10, 30];

const named = (name: string): string => `intellirouter_${name}`;

/** `input` and `output` are totals; the others are parts of them. */
const tokenKinds: readonly (readonly [kind: string, count: (usage: Usage) => number | undefined])[] = [
  ["input", (usage) => usage.inputTokens],
  ["output", (usage) => usage.outputTokens],
  ["cached_input", (usage) => usage.cachedInputTokens],
  ["cache_write", (usage) => usage.cacheWriteTokens],
  ["reasoning", (usage) => usage.reasoningTokens],
];

const registerProcess = (registers: Registry[], inFlight: () => number): void => {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: named(name),
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("in_flight", "Calls that are open now.", inFlight);
  gauge("process_resident_memory_bytes", "Memory of this process.", () => process.memoryUsage().rss);
  gauge("process_uptime_seconds", "Seconds since this process started.", () => process.uptime());
};

/** One series per target that is not called now; the others are absent. */
const registerCircuits = (registers: Registry[], { openCircuits, settings }: MetricsOptions): void => {
  new Gauge({
    name: named("circuit_open"),
    help: "1 while a target's circuit is open or being probed.",
    labelNames: ["target"],
    registers,
    collect() {
      this.reset();
      for (const target of openCircuits().slice(0, settings.maxLabelSets)) this.labels(target).set(1);
    },
  });
};

/** The registry's metrics, each as a function from labels to the handle that counts. */
const registerCalls = (registers: Registry[], limit: number) => {
  const counter = (name: string, help: string, labelNames: string[], names: readonly number[]) => {
    const metric = new Counter({ name: named(name), help, labelNames, registers });
    return boundLabels({ limit, names, create: (labels) => metric.labels(...labels) });
  };
  const histogram = (name: string, help: string, buckets: number[]) => {
    const metric = new Histogram({ name: named(name), help, buckets, labelNames: ["operation", "route"], registers });
    return boundLabels({ limit, names: [1], create: (labels) => metric.labels(...labels) });
  };
  return {
    calls: counter("calls_total", "Settled calls.", ["operation", "route", "model", "outcome"], [1, 2]),
    attempts: counter("attempts_total", "Tries of targets.", ["provider", "model", "outcome"], [0, 1]),
    errors: counter("errors_total", "Failed calls by error code.", ["code"], []),
    tokens: counter("tokens_total", "Tokens; input and output are totals.", ["kind", "model"], [1]),
    cost: counter("cost_usd_total", "Cost of all attempts in USD.", ["model"], [0]),
    duration: histogram("call_duration_seconds", "From request to settled answer.", durationBuckets),
    firstToken: histogram("time_to_first_token_seconds", "From request to first content.", firstTokenBuckets),
  };
};

/** Counts calls for Prometheus. Labels are bounded, whatever names clients send. */
export const createMetrics = (options: MetricsOptions): Metrics => {
  const registry = new Registry();
  const counted = registerCalls([registry], options.settings.maxLabelSets);
  registerProcess([registry], options.inFlight);
  registerCircuits([registry], options);
  const routeLabel = (name: string): string => (options.isKnownRoute(name) ? name : otherLabel);
  const modelLabel = (name: string): string => (options.isKnownModel(name) ? name : otherLabel);

  const observeAttempt = (attempt: AttemptRecord): void => {
    const model = modelLabel(attempt.model);
    // An attempt's provider is always one of the configuration's.
    counted.attempts(attempt.provider, model, attempt.outcome).inc();
    if (attempt.costPicoUsd > 0) counted.cost(model).inc(toUsd(attempt.costPicoUsd));
    const { usage } = attempt;
    if (usage === null) return;
    for (const [kind, count] of tokenKinds) {
      const tokens = count(usage) ?? 0;
      if (tokens > 0) counted.tokens(kind, model).inc(tokens);
    }
  };

  const observe = (record: CallRecord): void => {
    const route = routeLabel(record.route);
    const model = modelLabel(record.model ?? record.requestedModel);
    counted.calls(record.operation, route, model, record.outcome).inc();
    if (record.errorCode !== null) counted.errors(record.errorCode).inc();
    counted.duration(record.operation, route).observe(record.durationMilliseconds / 1_000);
    if (record.timeToFirstContentMilliseconds !== null)
      counted.firstToken(record.operation, route).observe(record.timeToFirstContentMilliseconds / 1_000);
    for (const attempt of record.attempts) observeAttempt(attempt);
  };

  return { observe, render: () => registry.metrics(), contentType: registry.contentType };
};
