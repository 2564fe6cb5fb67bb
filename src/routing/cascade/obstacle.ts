import type { Call } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import { type CascadePlan, cascadeTargets } from "../../core/plan.ts";

const offersTools = ({ tools = [], toolChoice }: ChatRequest): boolean =>
  tools.length > 0 && toolChoice?.kind !== "none";

/** Why a cascade is of no use for a call, in one clause; undefined where it is of use. */
export const cascadeObstacle = (cascade: CascadePlan, call: Call): string | undefined => {
  if (cascadeTargets(cascade).length < 2) return "it has one target only";
  if (call.operation !== "chat") return "only chat answers can be judged";
  const request = call.request as ChatRequest;
  if ((request.n ?? 1) > 1) return "several choices are asked for";
  if (cascade.kind === "agreement" && offersTools(request)) return "calls of tools cannot be compared";
  return undefined;
};
