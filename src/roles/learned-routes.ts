import { GatewayError } from "../core/errors.ts";
import type { DecidedCall, Feedback, Learner } from "../core/ports/learning.ts";
import type { Policies } from "../core/ports/policies.ts";
import { RouteLearning } from "../routing/learned/online/route-learning.ts";
import { LearnedRoute, type LearnedRouteParts } from "./learned-route.ts";

export interface LearnedRoutesParts extends LearnedRouteParts {
  /** What routes keep of what they learned, by route; looked at each time. */
  readonly kept: () => ReadonlyMap<string, unknown>;
  /** How many processes serve the same routes. */
  readonly processes: number;
}

/** What routes have learned: told of calls, brought back at the start, and kept for the next. */
export interface LearnedRoutes extends Learner, Policies {
  /** Brings back what all routes of this moment learned before. Never throws: a route then starts anew, and says so. */
  restore(): Promise<void>;
  /** Keeps what has changed since. Never throws. */
  save(): Promise<void>;
  close(): Promise<void>;
}

/** Something is lost at most that the store's calls bring back. */
const saveMilliseconds = 60_000;
/** What one process decides of versions, the others know after so long. */
const lookMilliseconds = 2_000;

/** Opens what keeps and feeds the routes that learn; nothing happens where there are none. */
export const openLearnedRoutes = (parts: LearnedRoutesParts): LearnedRoutes => {
  const opened = new WeakMap<RouteLearning, LearnedRoute>();
  const routeOf = (learning: unknown): LearnedRoute | undefined => {
    if (!(learning instanceof RouteLearning)) return undefined;
    const known = opened.get(learning) ?? new LearnedRoute(learning, parts);
    opened.set(learning, known);
    return known;
  };
  const all = (): readonly LearnedRoute[] => [...parts.kept().values()].flatMap((learning) => routeOf(learning) ?? []);
  const tell = (call: DecidedCall, notice: (learning: RouteLearning) => void): void =>
    routeOf(parts.kept().get(call.route))?.tell(notice);
  const save = async (): Promise<void> => {
    for (const route of all()) await route.save();
  };
  const timer = setInterval(() => void save(), saveMilliseconds);
  timer.unref();
  const look = async (): Promise<void> => {
    // The next look may find the store again.
    for (const route of all()) await route.lookAtVersions().catch(() => undefined);
  };
  const looking = parts.processes > 1 ? setInterval(() => void look(), lookMilliseconds) : undefined;
  looking?.unref();
  const demand = (name: string): LearnedRoute => {
    const route = routeOf(parts.kept().get(name));
    if (route !== undefined) return route;
    const there = [...parts.kept().keys()].join(", ");
    throw new GatewayError(
      "not_found",
      `There is no route of this name that learns. There are: ${there === "" ? "none; set `strategy: { kind: learned }`" : there}.`,
    );
  };
  return {
    status: async (route) => demand(route).status(),
    act: async (route, act) => demand(route).act(act),
    settled: (call) => tell(call, (learning) => learning.settled(call)),
    rewarded: (call: DecidedCall, feedback: Feedback) => tell(call, (learning) => learning.rewarded(call, feedback)),
    forgotten(tenant, userId) {
      for (const route of all()) route.tell((learning) => learning.forgotten(tenant, userId));
    },
    async restore() {
      for (const route of all()) await route.restore();
    },
    save,
    async close() {
      clearInterval(timer);
      clearInterval(looking);
      await save();
    },
  };
};
