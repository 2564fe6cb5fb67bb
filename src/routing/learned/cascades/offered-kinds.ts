import type { Call } from "../../../core/call.ts";
import type { ChatRequest } from "../../../core/chat.ts";
import type { CascadePlan } from "../../../core/plan.ts";
import { judgingObstacle } from "../../cascade/obstacle.ts";

type Kinds = readonly CascadePlan["kind"][];
const none: Kinds = [];

/**
 * Which cascades a policy may take for a call: only where something in the answer can be checked. Never where tools are
 * offered: how a call of a tool turns out is not known here.
 */
export const offeredKinds = (call: Call): Kinds => {
  if (judgingObstacle("agreement", call) !== undefined) return none;
  const { responseFormat } = call.request as ChatRequest;
  return responseFormat === undefined || responseFormat.kind === "text" ? ["agreement"] : ["agreement", "checked"];
};
