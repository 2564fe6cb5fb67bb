import type { AttemptRecord, CallRecord } from "../core/ledger.ts";
import { toUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import { otherLabel } from "./bounded-labels.ts";
import { type MetricFamily, named } from "./exposition.ts";
import { LabelTree } from "./label-tree.ts";
import { type Counter, createCounter, createHistogram, type Histogram, observeValue } from "./series.ts";

export interface CallCounterOptions {
  /** How many combinations of labels one metric may have. */
  readonly limit: number;
  /** Whether the configuration knows the name. Clients choose names; unknown ones are counted as `other`. */
  readonly isKnownRoute: (name: string) => boolean;
  readonly isKnownModel: (name: string) => boolean;
}

/** The metrics that calls add to. */
export interface CallCounter {
  /** Counts one settled call and its attempts. On the way of every call: it must cost next to nothing. */
  observe(record: CallRecord): void;
  collect(): readonly MetricFamily[];
}

const durationBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];
const firstTokenBounds = [0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5, 10, 30];

/** `input` and `output` are totals; the others are parts of them. */
const tokenKinds = [
  { kind: "input", field: "inputTokens" },
  { kind: "output", field: "outputTokens" },
  { kind: "cached_input", field: "cachedInputTokens" },
  { kind: "cache_write", field: "cacheWriteTokens" },
  { kind: "reasoning", field: "reasoningTokens" },
] as const satisfies readonly { readonly kind: string; readonly field: keyof Usage }[];
type TokenField = (typeof tokenKinds)[number]["field"];

/** What one settled call adds to, found once for its operation, route, model and outcome. */
interface CallSeries {
  readonly calls: Counter;
  readonly duration: Histogram;
  firstToken: Histogram | undefined;
}

/** What one attempt adds to, found once for its provider, model and outcome. */
interface AttemptSeries {
  readonly attempts: Counter;
  cost: Counter | undefined;
  readonly tokens: { [Field in TokenField]?: Counter };
}

/** So many times the limit of one metric may be remembered, with names that all count as `other`; then it starts anew. */
const rememberedShare = 8;

const createCallMetrics = (limit: number) => {
  const counter = (name: string, help: string, labels: readonly string[], names: readonly number[]) =>
    createCounter({ name: named(name), help, labels, names, limit });
  const histogram = (name: string, help: string, bounds: readonly number[]) =>
    createHistogram({ name: named(name), help, labels: ["operation", "route"], names: [1], limit, bounds });
  return {
    calls: counter("calls_total", "Settled calls.", ["operation", "route", "model", "outcome"], [1, 2]),
    attempts: counter("attempts_total", "Tries of targets.", ["provider", "model", "outcome"], [0, 1]),
    errors: counter("errors_total", "Failed calls by error code.", ["code"], []),
    tokens: counter("tokens_total", "Tokens; input and output are totals.", ["kind", "model"], [1]),
    cost: counter("cost_usd_total", "Cost of all attempts in USD.", ["model"], [0]),
    duration: histogram("call_duration_seconds", "From request to settled answer.", durationBounds),
    firstToken: histogram("time_to_first_token_seconds", "From request to first content.", firstTokenBounds),
  };
};

/** Counts calls. Labels are bounded, whatever names clients send. */
export const createCallCounter = (options: CallCounterOptions): CallCounter => {
  const { limit } = options;
  const metrics = createCallMetrics(limit);
  let callTree = new LabelTree<CallSeries>();
  let attemptTree = new LabelTree<AttemptSeries>();
  let remembered = 0;
  const routeLabel = (name: string): string => (options.isKnownRoute(name) ? name : otherLabel);
  const modelLabel = (name: string): string => (options.isKnownModel(name) ? name : otherLabel);

  const remember = (): void => {
    remembered += 1;
    if (remembered <= rememberedShare * limit) return;
    callTree = new LabelTree();
    attemptTree = new LabelTree();
    remembered = 0;
  };

  const callSeries = ({ operation, outcome }: CallRecord, route: string, model: string): CallSeries => {
    const place = callTree.at(operation).at(route).at(model).at(outcome);
    if (place.value !== undefined) return place.value;
    remember();
    place.value = {
      calls: metrics.calls.series(operation, route, model, outcome),
      duration: metrics.duration.series(operation, route),
      firstToken: undefined,
    };
    return place.value;
  };

  const attemptSeries = ({ provider, outcome }: AttemptRecord, model: string): AttemptSeries => {
    // An attempt's provider is always one of the configuration's.
    const place = attemptTree.at(provider).at(model).at(outcome);
    if (place.value !== undefined) return place.value;
    remember();
    place.value = { attempts: metrics.attempts.series(provider, model, outcome), cost: undefined, tokens: {} };
    return place.value;
  };

  const observeAttempt = (attempt: AttemptRecord): void => {
    const model = modelLabel(attempt.model);
    const series = attemptSeries(attempt, model);
    series.attempts.value += 1;
    if (attempt.costPicoUsd > 0) {
      series.cost ??= metrics.cost.series(model);
      series.cost.value += toUsd(attempt.costPicoUsd);
    }
    const { usage } = attempt;
    if (usage === null) return;
    for (const { kind, field } of tokenKinds) {
      const count = usage[field] ?? 0;
      if (count <= 0) continue;
      const counter = series.tokens[field] ?? metrics.tokens.series(kind, model);
      series.tokens[field] = counter;
      counter.value += count;
    }
  };

  const observe = (record: CallRecord): void => {
    const route = routeLabel(record.route);
    const series = callSeries(record, route, modelLabel(record.model ?? record.requestedModel));
    series.calls.value += 1;
    if (record.errorCode !== null) metrics.errors.series(record.errorCode).value += 1;
    observeValue(series.duration, record.durationMilliseconds / 1_000);
    if (record.timeToFirstContentMilliseconds !== null) {
      series.firstToken ??= metrics.firstToken.series(record.operation, route);
      observeValue(series.firstToken, record.timeToFirstContentMilliseconds / 1_000);
    }
    for (const attempt of record.attempts) observeAttempt(attempt);
  };

  return { observe, collect: () => Object.values(metrics).map((metric) => metric.collect()) };
};
