import type { Call } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import { type CascadePlan, cascadeTargets } from "../../core/plan.ts";

const offersTools = ({ tools = [], toolChoice }: ChatRequest): boolean =>
  tools.length > 0 && toolChoice?.kind !== "none";

/** Why no answers to a call can be judged in this way, in one clause; undefined where they can. */
export const judgingObstacle = (kind: CascadePlan["kind"], call: Call): string | undefined => {
  if (call.operation !== "chat") return "only chat answers can be judged";
  const request = call.request as ChatRequest;
  if ((request.n ?? 1) > 1) return "several choices are asked for";
  if (kind === "agreement" && offersTools(request)) return "calls of tools cannot be compared";
  return undefined;
};

/** Why a cascade is of no use for a call, in one clause; undefined where it is of use. */
export const cascadeObstacle = (cascade: CascadePlan, call: Call): string | undefined =>
  cascadeTargets(cascade).length < 2 ? "it has one target only" : judgingObstacle(cascade.kind, call);
