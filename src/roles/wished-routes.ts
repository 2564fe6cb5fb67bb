import { BoundedMap } from "../core/bounded-map.ts";
import type { Caller } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import { namesTarget } from "../core/names-target.ts";
import type { Wisher } from "../core/ports/gateway.ts";
import type { Strategy, StrategyParts } from "../core/ports/strategy.ts";
import { reachesModel } from "../core/reaches-model.ts";
import type { CompiledRoute } from "../core/route.ts";
import type { RoutingWishes } from "../core/routing-wishes.ts";
import type { SessionPins } from "../routing/session-pins.ts";
import { createStrategy, type StrategySettings, strategyNames, withOtherRank } from "../routing/strategies/index.ts";
import { pinnedTo } from "../routing/strategies/pinned.ts";

export interface WishedRoutesParts {
  /** The strategy that a declared route has. */
  readonly strategyOf: (route: string) => StrategySettings | undefined;
  readonly makeParts: (route: Pick<CompiledRoute, "name" | "candidates">) => StrategyParts;
  /** Throws `model_not_found` or `permission_denied`. */
  readonly resolve: (name: string, caller: Caller) => CompiledRoute;
  readonly pins: SessionPins;
}

const mostRoutes = 1_000;

const wrong = (field: string, reason: string): GatewayError =>
  new GatewayError("invalid_value", `Invalid value for 'routing.${field}': ${reason}.`, { param: `routing.${field}` });

const denied = (field: string, reason: string): GatewayError =>
  new GatewayError("permission_denied", `'routing.${field}' is not for this key: ${reason}.`, {
    param: `routing.${field}`,
  });

/** What an administrator fixed for a key is not for its user to choose. */
const checkRights = ({ force, pin, strategy, off }: RoutingWishes, { profile }: Caller): void => {
  if (profile === undefined) return;
  const target = force === undefined ? (typeof pin === "string" ? "pin" : undefined) : "force";
  if (profile.model !== undefined && target !== undefined) throw denied(target, "its model is fixed");
  const order = strategy === undefined ? (off === true ? "off" : target === "pin" ? "pin" : undefined) : "strategy";
  if (profile.strategy !== undefined && order !== undefined) throw denied(order, "its strategy is fixed");
};

/** Routes as keys' profiles and single calls want them. What a route's own strategy excludes stays excluded. */
export class WishedRoutes {
  readonly #parts: WishedRoutesParts;
  readonly #made = new BoundedMap<string, CompiledRoute>(mostRoutes);

  constructor(parts: WishedRoutesParts) {
    this.#parts = parts;
  }

  /** The route with another strategy, one without options; the route itself where there is nothing to choose. */
  withStrategy(route: CompiledRoute, kind: string): CompiledRoute {
    const settings = this.#parts.strategyOf(route.name);
    if (settings === undefined || route.kind === "implicit" || !strategyNames.includes(kind)) return route;
    // It has that one already, with options of its own.
    if (route.strategy.kind === kind) return route;
    return this.#made.getOrMake(`${kind}\n${route.name}`, () => ({
      ...route,
      strategy: createStrategy(withOtherRank(settings, kind), this.#parts.makeParts(route)),
    }));
  }

  /** See `Gateway.routeAsWished`. */
  asWished(route: CompiledRoute, wishes: RoutingWishes, wisher: Wisher): CompiledRoute {
    const { caller } = wisher;
    checkRights(wishes, caller);
    const { force, strategy, off } = wishes;
    if (strategy !== undefined && !strategyNames.includes(strategy))
      throw wrong("strategy", `there is no such strategy; there are ${strategyNames.join(", ")}`);
    if (force !== undefined) return this.#forced(route, force, caller);
    const pinned = this.#pinOf(route, wishes, wisher);
    if (pinned !== undefined) return { ...route, strategy: pinnedTo(pinned, this.#policyOf(route)) };
    if (strategy !== undefined) return this.withStrategy(route, strategy);
    return off === true ? this.withStrategy(route, "priority") : route;
  }

  /** The route's own order, without what its strategy excludes. */
  #policyOf(route: CompiledRoute): Strategy {
    return this.withStrategy(route, "priority").strategy;
  }

  #forced(route: CompiledRoute, name: string, caller: Caller): CompiledRoute {
    const own = route.candidates.filter(({ target }) => namesTarget(name, target));
    const candidates = own.length > 0 ? own : this.#elsewhere(name, caller);
    return { ...route, candidates, strategy: this.#policyOf(route) };
  }

  /** A target that the key reaches by itself. */
  #elsewhere(name: string, caller: Caller): CompiledRoute["candidates"] {
    let found: CompiledRoute;
    try {
      found = this.#parts.resolve(name, caller);
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown;
      throw new GatewayError(thrown.code, thrown.message, { param: "routing.force" });
    }
    if (found.kind === "implicit") return found.candidates;
    throw wrong("force", "it names a route; send that as 'model' or 'route'");
  }

  /** The name that the call's session is pinned to, now or from before. */
  #pinOf(
    { name, candidates }: CompiledRoute,
    { session, pin }: RoutingWishes,
    { caller, purpose }: Wisher,
  ): string | undefined {
    if (session === undefined) return undefined;
    const owner = `${caller.tenant}\n${caller.keyId ?? ""}`;
    const { pins } = this.#parts;
    if (pin === false && purpose === "preview") return undefined;
    if (pin === false) pins.release(owner, session);
    if (typeof pin === "string") {
      const meant = candidates.filter(({ target }) => namesTarget(pin, target));
      if (meant.length === 0) throw wrong("pin", `route '${name}' has no such target`);
      if (!meant.some(({ target }) => reachesModel(caller, target)))
        throw denied("pin", "it does not reach that target");
      if (purpose === "preview") return pin;
      pins.pin(owner, session, pin);
    }
    const pinned = pins.find(owner, session);
    if (pinned === undefined || !candidates.some(({ target }) => namesTarget(pinned, target))) return undefined;
    return pinned;
  }
}
