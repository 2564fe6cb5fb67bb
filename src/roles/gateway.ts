import { BoundedMap } from "../core/bounded-map.ts";
import type { Call, Next, Reply } from "../core/call.ts";
import type { Caller } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import { type Target, targetId } from "../core/model.ts";
import { nearest } from "../core/nearest.ts";
import type { OperationName } from "../core/operations.ts";
import type { Gateway, OfferedModel } from "../core/ports/gateway.ts";
import type { StrategyParts } from "../core/ports/strategy.ts";
import { reachesModel } from "../core/reaches-model.ts";
import type { Candidate, CompiledRoute } from "../core/route.ts";
import type { TargetTimeouts } from "../core/timeouts.ts";
import type { RegistrySnapshot } from "../registry/registry.ts";
import { SessionPins } from "../routing/session-pins.ts";
import { defaultRetries, defaultTimeouts, type RouteSettings } from "../routing/settings.ts";
import { createStrategy, plainStrategies } from "../routing/strategies/index.ts";
import { WishedRoutes } from "./wished-routes.ts";

export interface GatewayParts {
  readonly routes: Readonly<Record<string, RouteSettings>>;
  readonly snapshot: RegistrySnapshot;
  readonly pipeline: Next;
  /** Decides, and does no more. */
  readonly preview: Next;
  /** What strategies are made with, beside their route. */
  readonly strategyParts: Pick<StrategyParts, "clock" | "readFile" | "classify"> & {
    keep<State>(route: string, name: string, make: () => State): State;
  };
}

/** The deadlines that are given: an absent one must not hide the route's. */
const given = (timeouts: { readonly [Key in keyof TargetTimeouts]: number | undefined }): TargetTimeouts =>
  Object.fromEntries(Object.entries(timeouts).filter(([, milliseconds]) => milliseconds !== undefined));

/** A target that the configuration names; where its provider is not there (yet), it is left out of the route. */
const candidateOf = (entry: RouteSettings["targets"][number], snapshot: RegistrySnapshot): Candidate | undefined => {
  const { target: name, weight, timeouts } = typeof entry === "string" ? { target: entry, weight: 1 } : entry;
  const provider = name.slice(0, name.indexOf("/"));
  const target = snapshot.providers.has(provider) ? snapshot.findTarget(name) : undefined;
  if (target === undefined) return undefined;
  return { target: timeouts === undefined ? target : { ...target, timeouts: given(timeouts) }, weight };
};

type MakeParts = (route: Pick<CompiledRoute, "name" | "candidates">) => StrategyParts;

const partsMaker =
  ({ clock, keep, readFile, classify }: GatewayParts["strategyParts"]): MakeParts =>
  ({ name, candidates }) => ({
    route: name,
    candidates,
    clock,
    ...(readFile && { readFile }),
    keep: (state, make) => keep(name, state, make),
    ...(classify === undefined ? {} : { classify }),
  });

const compileRoute = (
  name: string,
  settings: RouteSettings,
  { snapshot, makeParts }: { readonly snapshot: RegistrySnapshot; readonly makeParts: MakeParts },
): CompiledRoute => {
  const candidates = settings.targets.flatMap((entry) => candidateOf(entry, snapshot) ?? []);
  return {
    name,
    kind: "declared",
    candidates,
    assembleWhole:
      settings.assembleWhole === "always" || (settings.assembleWhole === "auto" && settings.targets.length > 1),
    strategy: createStrategy(settings.strategy, makeParts({ name, candidates })),
    timeouts: settings.timeouts,
    retries: settings.retries,
    rescue: settings.rescue,
    hedge: settings.hedge,
  };
};

/**
 * Compiles routes that are not as the configuration has them: an experiment's arm, a shadow. What a route has learned is
 * its arms', too.
 */
export const variantCompiler =
  ({ snapshot, strategyParts }: Pick<GatewayParts, "snapshot" | "strategyParts">) =>
  (name: string, settings: RouteSettings): CompiledRoute =>
    compileRoute(name, settings, { snapshot, makeParts: partsMaker(strategyParts) });

const implicitRoute = (name: string, target: Target): CompiledRoute => ({
  name,
  kind: "implicit",
  candidates: [{ target, weight: 1 }],
  strategy: plainStrategies.priority,
  timeouts: defaultTimeouts,
  retries: defaultRetries,
  assembleWhole: false,
  rescue: "error",
  hedge: undefined,
});

const mayUseRoute = ({ routes, profile }: Caller, name: string): boolean =>
  (routes === null || routes.has(name)) && profile?.routing !== false;

/** A key that is bound to routes reaches targets directly only where its models name them. */
const mayUseTarget = (caller: Caller, target: Target): boolean =>
  (caller.models !== null || caller.routes === null) && reachesModel(caller, target);

/** A route is of no use to a key that reaches none of its targets. */
const reachesAny = (caller: Caller, candidates: readonly Candidate[]): boolean =>
  caller.models === null && caller.profile === undefined
    ? true
    : candidates.some(({ target }) => reachesModel(caller, target));

const secondsOf = (date: string | undefined): number => {
  const time = Date.parse(date ?? "");
  return Number.isNaN(time) ? 0 : Math.floor(time / 1_000);
};

const offeredTargets = (snapshot: RegistrySnapshot, caller: Caller): OfferedModel[] =>
  [...snapshot.providers.values()]
    .filter(({ check }) => check?.error === undefined)
    .flatMap((entry) =>
      [...entry.served]
        .map(([model, facts]) => ({ id: targetId(entry.name, model), model, facts }))
        .filter(({ id, model }) => mayUseTarget(caller, { id, model } as Target))
        .map(({ id, facts }) => ({ id, ownedBy: entry.name, created: secondsOf(facts.releaseDate), facts })),
    );

/** Clients choose these names: so many compiled routes are kept. */
const mostImplicit = 1_000;

/** Names shown to somebody who mistyped one, out of so many at most: the search is in proportion to them. */
const mostNames = 5_000;

const notFound = (name: string, offered: readonly OfferedModel[]): GatewayError => {
  const names = offered.slice(0, mostNames).flatMap(({ id }) => [id, id.slice(id.indexOf("/") + 1)]);
  const near = nearest(name, [...new Set(names)], 3);
  const hint =
    near.length === 0
      ? " GET /v1/models lists what there is."
      : ` Did you mean ${near.map((one) => `'${one}'`).join(", ")}?`;
  return new GatewayError("model_not_found", `The model '${name.slice(0, 200)}' does not exist here.${hint}`, {
    param: "model",
  });
};

const forbidden = (name: string): GatewayError =>
  new GatewayError(
    "permission_denied",
    `This key may not use '${name.slice(0, 200)}'. Ask an administrator for a key that may.`,
    {
      param: "model",
    },
  );

/** One configuration and one state of the registry, compiled: immutable, and replaced as a whole. */
export const createGateway = ({ routes, snapshot, pipeline, preview, strategyParts }: GatewayParts): Gateway => {
  const makeParts = partsMaker(strategyParts);
  const declared = new Map(
    Object.entries(routes).map(([name, settings]) => [name, compileRoute(name, settings, { snapshot, makeParts })]),
  );
  const implicit = new BoundedMap<string, CompiledRoute>(mostImplicit);
  const offeredModels = (caller: Caller): readonly OfferedModel[] => [
    ...[...declared]
      .filter(([name, { candidates }]) => mayUseRoute(caller, name) && reachesAny(caller, candidates))
      .map(([id]) => ({ id, ownedBy: "intellirouter", created: 0, facts: {} })),
    ...offeredTargets(snapshot, caller),
  ];
  const resolveImplicit = (name: string): CompiledRoute | undefined => {
    const known = implicit.get(name);
    if (known !== undefined) return known;
    const target = snapshot.findTarget(name);
    if (target === undefined) return undefined;
    return implicit.getOrMake(name, () => implicitRoute(name, target));
  };
  const resolve: Gateway["resolveRoute"] = (name, caller) => {
    const route = declared.get(name);
    if (route !== undefined) {
      if (mayUseRoute(caller, name)) return route;
      throw forbidden(name);
    }
    const found = resolveImplicit(name);
    const target = found?.candidates[0]?.target;
    if (found === undefined || target === undefined) throw notFound(name, offeredModels(caller));
    if (!mayUseTarget(caller, target)) throw forbidden(name);
    return found;
  };
  const wished = new WishedRoutes({
    strategyOf: (name) => (declared.has(name) ? routes[name]?.strategy : undefined),
    makeParts,
    resolve,
    pins: strategyParts.keep("", "session pins", () => new SessionPins(strategyParts.clock)),
  });
  return {
    resolveRoute(name, caller) {
      const { profile } = caller;
      if (profile === undefined) return resolve(name, caller);
      const route = resolve(profile.model ?? name, caller);
      return profile.strategy === undefined ? route : wished.withStrategy(route, profile.strategy);
    },
    routeAsWished: (route, wishes, wisher) => wished.asWished(route, wishes, wisher),
    offeredModels,
    async preview(call) {
      await preview(call as unknown as Call);
    },
    handle: <Operation extends OperationName>(call: Call<Operation>) =>
      pipeline(call as unknown as Call) as Promise<Reply<Operation>>,
  };
};
