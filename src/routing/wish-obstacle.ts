import type { Call } from "../core/call.ts";
import type { Target } from "../core/model.ts";
import { toUsd } from "../core/money.ts";
import { namesTarget } from "../core/names-target.ts";
import type { Obstacle } from "../core/ports/provider.ts";
import type { RoutingWishes } from "../core/routing-wishes.ts";
import { boundOf } from "./worst-case.ts";

const missing: Readonly<Record<string, string>> = {
  price: "its price is not known",
  output: "neither the request nor the model bounds the answer: send max_tokens",
};

const aboveCeiling = (call: Call, ceilingUsd: number, target: Target): string | undefined => {
  const bound = boundOf(call, target);
  if (bound.cost === null) return missing[bound.missing] ?? "nothing bounds what it may cost";
  const most = toUsd(bound.cost);
  return most > ceilingUsd ? `it may cost ${most.toPrecision(3)} USD` : undefined;
};

/** Why the client itself does not want a target; undefined where it may be asked. A ceiling holds for the worst case. */
export const wishObstacle = (
  call: Call,
  { exclude, maxCostUsd }: RoutingWishes,
  target: Target,
): Obstacle | undefined => {
  const place = exclude?.findIndex((name) => namesTarget(name, target)) ?? -1;
  if (place !== -1) return { field: `routing.exclude.${place}`, reason: "the request excludes it" };
  const reason = maxCostUsd === undefined ? undefined : aboveCeiling(call, maxCostUsd, target);
  return reason === undefined ? undefined : { field: "routing.max_cost", reason };
};
