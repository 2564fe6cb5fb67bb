import type { CompiledRoute } from "../core/route.ts";
import type { ExperimentSettings } from "../routing/experiments/settings.ts";
import { type ChosenArm, compileExperiments, type ExperimentsStageParts } from "../routing/experiments/stage.ts";
import type { RouteSettings } from "../routing/settings.ts";
import { type GatewayParts, variantCompiler } from "./gateway.ts";

export interface ArmRoutesParts extends Pick<GatewayParts, "routes" | "snapshot" | "strategyParts"> {
  readonly experiments: Readonly<Record<string, ExperimentSettings>>;
}

/** A route's settings with what an arm has otherwise. */
const changedBy = (
  settings: RouteSettings,
  { strategy, targets }: ExperimentSettings["arms"][string],
): RouteSettings => ({
  ...settings,
  ...(strategy === undefined ? {} : { strategy }),
  ...(targets === undefined ? {} : { targets }),
});

/** What the stage of experiments needs; undefined where none is running, so that nobody is asked. */
export const armRoutes = ({ routes, experiments, ...parts }: ArmRoutesParts): ExperimentsStageParts | undefined => {
  const running = compileExperiments(experiments);
  if (running.size === 0) return undefined;
  const compile = variantCompiler(parts);
  /** By the route and its arms. There are as many as arms of experiments on one route multiply to. */
  const compiled = new Map<string, CompiledRoute>();
  const routeFor = (name: string, chosen: readonly ChosenArm[]): CompiledRoute => {
    const key = [name, ...chosen.map(({ experiment, arm }) => `${experiment}=${arm}`)].join("\n");
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const settings = chosen.reduce<RouteSettings>(
      (before, { experiment, arm }) => changedBy(before, experiments[experiment]?.arms[arm] ?? { weight: 1 }),
      routes[name] as RouteSettings,
    );
    const route = compile(name, settings);
    compiled.set(key, route);
    return route;
  };
  return { experiments: running, routeFor };
};
