import type { Next } from "../core/call.ts";
import { type AttemptOptions, carryOut } from "./attempt.ts";
import { type DecideOptions, decide } from "./decide.ts";

/** The pipeline's last link: decides which targets may answer, in which order, and carries that out. */
export const routingStage =
  (options: DecideOptions & AttemptOptions): Next =>
  (call) => {
    try {
      const plan = decide(call, options);
      return plan instanceof Promise
        ? plan.then(({ ranked }) => carryOut(ranked, call, options))
        : carryOut(plan.ranked, call, options);
    } catch (error) {
      return Promise.reject(error);
    }
  };
