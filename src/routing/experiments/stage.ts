import type { Call, Stage } from "../../core/call.ts";
import type { Assignment } from "../../core/decision.ts";
import type { AssignmentUnit } from "../../core/ports/experiments.ts";
import type { CompiledRoute } from "../../core/route.ts";
import { unitDigest } from "../../core/unit-digest.ts";
import { type Arm, assignArm, unitOf } from "./assign.ts";
import type { ExperimentSettings } from "./settings.ts";

/** An experiment that is not stopped. Times are milliseconds since 1970. */
export interface CompiledExperiment {
  readonly name: string;
  readonly seed: string;
  readonly unit: AssignmentUnit;
  readonly share: number;
  readonly arms: readonly Arm[];
  readonly from: number;
  readonly until: number;
}

/** An experiment and the arm that was chosen of it. */
export interface ChosenArm {
  readonly experiment: string;
  readonly arm: string;
}

export interface ExperimentsStageParts {
  /** By the name of the route; routes without one are not in it. */
  readonly experiments: ReadonlyMap<string, readonly CompiledExperiment[]>;
  /** The route as arms of its experiments want it. */
  readonly routeFor: (route: string, chosen: readonly ChosenArm[]) => CompiledRoute;
}

const timeOf = (moment: string | undefined, otherwise: number): number =>
  moment === undefined ? otherwise : Date.parse(moment);

/** What is running, by route. */
export const compileExperiments = (
  all: Readonly<Record<string, ExperimentSettings>>,
): ExperimentsStageParts["experiments"] => {
  const byRoute = new Map<string, CompiledExperiment[]>();
  for (const [name, { route, state, seed = name, unit, share, arms, from, until }] of Object.entries(all)) {
    if (state === "stopped") continue;
    const known = byRoute.get(route) ?? [];
    byRoute.set(route, known);
    known.push({
      ...{ name, seed, unit, share },
      arms: Object.entries(arms).map(([arm, { weight }]) => ({ name: arm, weight })),
      from: timeOf(from, Number.NEGATIVE_INFINITY),
      until: timeOf(until, Number.POSITIVE_INFINITY),
    });
  }
  return byRoute;
};

/** Whether the client says where the call goes, now or for its session before: then nobody else does. */
export const isSteered = ({ routing, route }: Call): boolean =>
  route.strategy.kind === "pinned" ||
  (routing !== undefined &&
    (routing.off === true ||
      routing.force !== undefined ||
      routing.strategy !== undefined ||
      typeof routing.pin === "string"));

/** A caller whose model or strategy is fixed would not get what an arm says. */
const isFree = ({ caller: { profile }, route }: Call): boolean =>
  route.kind === "declared" &&
  (profile === undefined ||
    (profile.strategy === undefined && profile.model === undefined && profile.routing !== false));

/** Calls of a route that is experimented on get an arm, and the route as that arm wants it. */
export const experimentsStage = ({ experiments, routeFor }: ExperimentsStageParts): Stage => {
  const assign = (call: Call, running: readonly CompiledExperiment[]): Call => {
    const { startedAt, tenant } = call.scope.head;
    const chosen: ChosenArm[] = [];
    const arms: Record<string, string> = {};
    const units: Record<string, string> = {};
    for (const { name, unit, from, until, seed, share, arms: all } of running) {
      if (startedAt < from || startedAt >= until) continue;
      const whose = unitOf(call, unit);
      if (whose === undefined) continue;
      const arm = assignArm(all, { seed, share, unit: `${tenant}\n${whose}` });
      if (arm === undefined) continue;
      chosen.push({ experiment: name, arm: arm.name });
      arms[name] = arm.name;
      if (unit !== "call") units[name] = unitDigest(name, tenant, whose);
    }
    if (chosen.length === 0) return call;
    const assignment: Assignment = Object.keys(units).length === 0 ? { arms } : { arms, units };
    return { ...call, route: routeFor(call.route.name, chosen), assignment };
  };
  return (call, next) => {
    const running = experiments.get(call.route.name);
    return next(running === undefined || !isFree(call) || isSteered(call) ? call : assign(call, running));
  };
};
