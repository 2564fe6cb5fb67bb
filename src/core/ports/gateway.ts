import type { Call, Reply } from "../call.ts";
import type { Caller } from "../caller.ts";
import type { ModelFacts } from "../model.ts";
import type { OperationName } from "../operations.ts";
import type { CompiledRoute } from "../route.ts";
import type { RoutingWishes } from "../routing-wishes.ts";

/** A name that a caller may send as `model`. */
export interface OfferedModel {
  readonly id: string;
  /** The provider's name; `intellirouter` for a route. */
  readonly ownedBy: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly facts: ModelFacts;
}

/** Who wishes something of a call's routing, and whether that is carried out or only shown, so that nothing is kept of it. */
export interface Wisher {
  readonly caller: Caller;
  readonly purpose: "call" | "preview";
}

/** One compiled configuration: immutable, so that a call keeps the one that it began with. */
export interface Gateway {
  /**
   * The route for a name. Throws `model_not_found` with near names where there is none, `permission_denied` where the
   * caller's key does not reach it.
   */
  resolveRoute(model: string, caller: Caller): CompiledRoute;
  /**
   * The route as a client wishes it for one call. Throws `permission_denied`, `model_not_found` or `invalid_value` where
   * that is not there for this caller.
   */
  routeAsWished(route: CompiledRoute, wishes: RoutingWishes, wisher: Wisher): CompiledRoute;
  /** What the caller may ask for. */
  offeredModels(caller: Caller): readonly OfferedModel[];
  /**
   * Decides on a call as `handle` would, and does no more: the decision stands in the call's scope. Budgets may give it
   * another route on the way; money is not held. Throws where no target could take it.
   */
  preview(call: Call<"chat">): Promise<void>;
  /** Carries a call through the pipeline. A streamed reply is returned once its first content is there. */
  handle<Operation extends OperationName>(call: Call<Operation>): Promise<Reply<Operation>>;
}
