import { GatewayError } from "../core/errors.ts";
import type { Budgets, SpendingGuard } from "../core/ports/budgets.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Gateway } from "../core/ports/gateway.ts";
import type { Health } from "../core/ports/health.ts";
import type { Limits } from "../core/ports/limits.ts";
import type { Provider } from "../core/ports/provider.ts";
import type { PromptClass } from "../core/ports/strategy.ts";
import type { Transport } from "../core/ports/transport.ts";
import type { CompiledBudget } from "../limits/budgets/compile-budgets.ts";
import type { LimitRule } from "../limits/settings.ts";
import { defaultInvokeLimits } from "../providers/invocation.ts";
import { invoke, translatorFor } from "../providers/invoke.ts";
import type { Registry, RegistrySnapshot } from "../registry/registry.ts";
import { apartFrom } from "../routing/beside/own-call.ts";
import { Breakers } from "../routing/breakers.ts";
import type { ExperimentSettings } from "../routing/experiments/settings.ts";
import { HedgeBudget } from "../routing/hedge-budget.ts";
import { featuresOf } from "../routing/learned/features/features-of.ts";
import { openTaskClassifier } from "../routing/learned/task-kind/classify.ts";
import { RetryBudget } from "../routing/retry-budget.ts";
import type { RouteSettings } from "../routing/settings.ts";
import { TargetLoads } from "../routing/target-loads.ts";
import { readShippedTaskKinds } from "../runtime/shipped-files.ts";
import { armRoutes } from "./arm-routes.ts";
import { type BesideWorld, besideRoutes } from "./beside-routes.ts";
import { createGateway } from "./gateway.ts";
import { createPipeline, createPreview, type PipelineParts } from "./pipeline.ts";

export interface CurrentGatewayOptions {
  readonly registry: Registry;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Reads what routes name. */
  readonly readFile?: (path: string) => Uint8Array;
  /** Of this instant: a reload changes it. */
  readonly routes: () => Readonly<Record<string, RouteSettings>>;
  /** Of this instant; none where absent. */
  readonly experiments?: () => Readonly<Record<string, ExperimentSettings>>;
  /** What shadows and judges need; there are none where absent. */
  readonly beside?: () => BesideWorld;
  /** Shared with other processes, maybe; one of this process's own where absent. */
  readonly health?: Health;
  /** Counters that may be shared too, and the rules of this instant; nothing is limited where absent. */
  readonly limits?: { readonly counters: Limits; readonly rules: () => readonly LimitRule[] };
  /** What calls may cost, and the budgets of this instant; nothing limits that where absent. */
  readonly budgets?: {
    readonly guard: SpendingGuard;
    readonly budgets: Pick<Budgets, "degradation">;
    readonly compiled: () => readonly CompiledBudget[];
  };
}

/** The gateway of this instant, and what outlives each: a reload closes no circuit and forgets no load. */
export interface CurrentGateway {
  get(): Gateway;
  /** What strategies keep of routes under a name, by the route's. */
  kept(name: string): ReadonlyMap<string, unknown>;
  /** The next call compiles anew; calls that are open keep what they began with. */
  invalidate(): void;
}

const providerIn =
  (snapshot: RegistrySnapshot) =>
  (name: string): Provider => {
    const entry = snapshot.providers.get(name);
    if (entry === undefined) throw new GatewayError("no_target_available", `Provider '${name}' is not there any more.`);
    return entry.provider;
  };

export const createCurrentGateway = (options: CurrentGatewayOptions): CurrentGateway => {
  const { registry, transport, clock, routes, limits, budgets, beside, health = new Breakers(clock) } = options;
  const world = {
    health,
    loads: new TargetLoads(),
    retries: new RetryBudget(clock),
    hedges: new HedgeBudget(),
    random: Math.random,
    clock,
    spending: budgets?.guard,
  };
  /** Of the calls that nobody waits for: what they see tells nothing of clients' calls. */
  const apart = { health: apartFrom(health, new Breakers(clock)), loads: new TargetLoads() };
  const kept = new Map<string, Map<string, unknown>>();
  const keptAs = (name: string): Map<string, unknown> => {
    const known = kept.get(name) ?? new Map<string, unknown>();
    kept.set(name, known);
    return known;
  };
  const keep = <State>(route: string, name: string, make: () => State): State => {
    const states = keptAs(name);
    if (!states.has(route)) states.set(route, make());
    return states.get(route) as State;
  };
  const classifyTask = openTaskClassifier(readShippedTaskKinds);
  const classify = (text: string): PromptClass => classifyTask(featuresOf(text));
  const compile = (): Gateway => {
    const snapshot = registry.snapshot();
    const providerOf = providerIn(snapshot);
    const { readFile } = options;
    const strategyParts = { clock, keep, classify, ...(readFile && { readFile }) };
    const routing: PipelineParts["routing"] = {
      ...world,
      translatorOf: (target, operation) => translatorFor(providerOf(target.provider), operation),
      prefillOf: (request, target) => providerOf(target.provider).chat?.prefill?.(request, target),
      // Field by field: spreading the options would cost more than all the rest.
      invoke: (call, target, { attempt, signal, connectMilliseconds, onHeaders, onExhausted, onQuota }) =>
        invoke({
          provider: providerOf(target.provider),
          transport,
          call,
          target,
          limits: defaultInvokeLimits,
          attempt,
          signal,
          connectMilliseconds,
          onHeaders,
          onExhausted,
          onQuota,
        }),
    };
    const parts: PipelineParts = {
      budgets: budgets && {
        budgets: budgets.budgets,
        compiled: budgets.compiled(),
        // Whoever set the budget chose the route: a key need not reach it by name, though each of its models.
        routeNamed: (name, { caller }) => gateway.resolveRoute(name, { ...caller, routes: null }),
      },
      experiments: armRoutes({ routes: routes(), experiments: options.experiments?.() ?? {}, snapshot, strategyParts }),
      limits: limits && { limits: limits.counters, rules: limits.rules() },
      beside:
        beside &&
        besideRoutes({
          ...{ routes: routes(), snapshot, strategyParts, world: beside() },
          options: { ...routing, health: apart.health, loads: apart.loads },
          gateway: () => gateway,
        }),
      routing,
    };
    const gateway: Gateway = createGateway({
      routes: routes(),
      snapshot,
      pipeline: createPipeline(parts),
      preview: createPreview(parts),
      strategyParts,
    });
    return gateway;
  };
  let current: Gateway | undefined;
  const invalidate = (): void => {
    current = undefined;
  };
  registry.onChange(invalidate);
  return {
    get() {
      current ??= compile();
      return current;
    },
    kept: keptAs,
    invalidate,
  };
};
