import type { Call } from "../../core/call.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Target } from "../../core/model.ts";
import { type AttemptOptions, tryOne } from "../attempt.ts";
import { type Answering, ChildController } from "../try-target.ts";

/** One target of a step, while it is asked. */
export interface Branch {
  /** Rejects as `tryTarget` does. */
  readonly answer: Promise<Answering>;
  /** Its answer is not wanted any more. */
  leave(): void;
}

/** Asks a target with an abort of its own. */
export const openBranch = (call: Call, target: Target, options: AttemptOptions): Branch => {
  const controller = new ChildController(call.signal);
  const answer = tryOne({ ...call, signal: controller.signal }, target, options).finally(() => controller.release());
  return {
    answer,
    leave: () =>
      controller.abort(new GatewayError("client_closed_request", "The answer was settled without this one.")),
  };
};
