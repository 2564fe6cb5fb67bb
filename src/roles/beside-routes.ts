import type { Caller } from "../core/caller.ts";
import { defaultTenant } from "../core/default-tenant.ts";
import { allPermissions } from "../core/permissions.ts";
import type { Gateway } from "../core/ports/gateway.ts";
import type { Feedback } from "../core/ports/learning.ts";
import type { OwnCallOptions, OwnCallParts } from "../routing/beside/own-call.ts";
import type { BackgroundWork } from "../routing/beside/queue.ts";
import type { BesideRoute, BesideStageParts } from "../routing/beside/stage.ts";
import type { RouteSettings } from "../routing/settings.ts";
import { answersAgree } from "../routing/shadow/answers-agree.ts";
import { shadowRoute } from "../routing/shadow/settings.ts";
import { type GatewayParts, variantCompiler } from "./gateway.ts";

/** What calls of the program's own need, whatever the configuration. */
export interface BesideWorld {
  readonly own: OwnCallParts;
  readonly offer: (work: BackgroundWork) => void;
  /** Keeps what a judge said. */
  readonly reward: (feedback: Feedback) => Promise<unknown>;
  /** Told why a shadow or a judge of a route gave nothing. */
  readonly onFailed: (kind: "shadow" | "judge", route: string, thrown: unknown) => void;
}

export interface BesideRoutesParts extends Pick<GatewayParts, "routes" | "snapshot" | "strategyParts"> {
  readonly world: BesideWorld;
  readonly options: OwnCallOptions;
  readonly gateway: () => Pick<Gateway, "resolveRoute">;
}

/** Longer than this nobody waits for a shadow: few of them run at a time. */
const longestMilliseconds = 120_000;

const platform: Caller = {
  ...{ tenant: defaultTenant, team: null, keyId: null, userId: null, role: "admin" },
  ...{ permissions: allPermissions, everywhere: true, routes: null, models: null },
};

/** The route as its shadow has it: asked once, whole, and given up in time. */
const shadowSettings = (settings: RouteSettings, shadow: NonNullable<RouteSettings["shadow"]>): RouteSettings => ({
  ...settings,
  ...(shadow.target === undefined ? {} : { targets: [shadow.target] }),
  strategy: shadow.strategy ?? { kind: "priority" },
  timeouts: {
    ...settings.timeouts,
    totalMilliseconds: Math.min(settings.timeouts.totalMilliseconds, longestMilliseconds),
  },
  assembleWhole: "never",
  hedge: undefined,
});

/** What goes on beside each route; undefined where nothing does, so that nobody is asked. */
export const besideRoutes = (parts: BesideRoutesParts): BesideStageParts | undefined => {
  const { routes, world, options, gateway } = parts;
  const compile = variantCompiler(parts);
  const shadowOf = (name: string, settings: RouteSettings): BesideRoute["shadow"] => {
    const { shadow } = settings;
    if (shadow === undefined) return undefined;
    return {
      ...{ share: shadow.share, own: world.own, options, agree: answersAgree },
      route: compile(shadowRoute(name), shadowSettings(settings, shadow)),
      onFailed: (thrown) => world.onFailed("shadow", name, thrown),
    };
  };
  const judgeOf = (name: string, { judge }: RouteSettings): BesideRoute["judge"] =>
    judge && {
      ...{ share: judge.share, own: world.own, options, rubric: judge.rubric },
      judges: () => gateway().resolveRoute(judge.model, platform),
      reward: world.reward,
      now: world.own.clock.wall,
      onFailed: (thrown) => world.onFailed("judge", name, thrown),
    };
  const beside = new Map<string, BesideRoute>();
  for (const [name, settings] of Object.entries(routes))
    if (settings.shadow !== undefined || settings.judge !== undefined)
      beside.set(name, { shadow: shadowOf(name, settings), judge: judgeOf(name, settings) });
  return beside.size === 0 ? undefined : { routes: beside, offer: world.offer };
};
