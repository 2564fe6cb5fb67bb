import type { ConfigurationProblem as Problem } from "../config/problem.ts";
import { nearest } from "../core/nearest.ts";
import { changedFields, type ExperimentSettings } from "../routing/experiments/settings.ts";
import type { RouteSettings } from "../routing/settings.ts";
import { strategyProblems } from "../routing/strategies/index.ts";
import type { Loaded } from "./load-configuration.ts";

type Named = readonly [name: string, settings: ExperimentSettings];

const overlaps = ([, one]: Named, [, other]: Named): readonly string[] => {
  if (one.route !== other.route || one.state === "stopped" || other.state === "stopped") return [];
  const fields = changedFields(other);
  return [...changedFields(one)].filter((field) => fields.has(field));
};

/** What is wrong with an arm's strategy on its targets, where either is not the route's. */
const misfits = (route: RouteSettings, arm: ExperimentSettings["arms"][string]) => {
  if (arm.strategy === undefined && arm.targets === undefined) return [];
  const targets = (arm.targets ?? route.targets).map((entry) => (typeof entry === "string" ? entry : entry.target));
  const field = arm.strategy === undefined ? "targets" : "strategy";
  return strategyProblems(arm.strategy ?? route.strategy, targets).map(({ path, message }) => ({
    path: field === "strategy" ? [field, ...path] : [field],
    message,
  }));
};

/** Experiments on routes that are not there, on fields that two change at once, and with arms that lead nowhere. */
export const experimentProblems = ({ value, sources }: Loaded, providers: readonly string[]): readonly Problem[] => {
  const routes = Object.keys(value.routes);
  const all = Object.entries(value.experiments);
  const problem = (path: readonly (string | number)[], message: string, suggestion?: string): Problem => {
    const source = sources.of(["experiments", ...path]) ?? sources.of(["experiments", path[0] as string]);
    return {
      path: ["experiments", ...path].join("."),
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(source === undefined ? {} : { source }),
    };
  };
  return all.flatMap((entry, place) => {
    const [name, { route, arms }] = entry;
    const unknown = routes.includes(route)
      ? []
      : [problem([name, "route"], `there is no route '${route}'`, nearest(route, routes, 1)[0])];
    const clash = all.slice(0, place).flatMap((before) => {
      const [field] = overlaps(before, entry);
      return field === undefined
        ? []
        : [problem([name, "arms"], `'${before[0]}' changes '${field}' of the same route; stop one of them`)];
    });
    const targets = Object.entries(arms).flatMap(([arm, settings]) =>
      (settings.targets ?? []).flatMap((target, index) => {
        const id = typeof target === "string" ? target : target.target;
        const provider = id.slice(0, id.indexOf("/"));
        if (providers.includes(provider)) return [];
        const path = [name, "arms", arm, "targets", index];
        return [problem(path, `there is no provider '${provider}'`, nearest(provider, providers, 1)[0])];
      }),
    );
    const own = value.routes[route];
    const strategies = Object.entries(arms).flatMap(([arm, settings]) =>
      own === undefined
        ? []
        : misfits(own, settings).map(({ path, message }) => problem([name, "arms", arm, ...path], message)),
    );
    return [...unknown, ...clash, ...targets, ...strategies];
  });
};
