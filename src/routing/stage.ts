import type { Next } from "../core/call.ts";
import { type AttemptOptions, carryOut } from "./attempt.ts";
import { type DecideOptions, decide } from "./decide.ts";

/** The pipeline's last link: decides which targets may answer, in which order, and carries that out. */
export const routingStage =
  (options: DecideOptions & AttemptOptions): Next =>
  (call) => {
    try {
      const ranked = decide(call, options);
      return ranked instanceof Promise
        ? ranked.then((known) => carryOut(known, call, options))
        : carryOut(ranked, call, options);
    } catch (error) {
      return Promise.reject(error);
    }
  };
