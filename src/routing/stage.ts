import type { Next } from "../core/call.ts";
import { type AttemptOptions, carryOut } from "./attempt.ts";
import { type DecideOptions, decide } from "./decide.ts";

/** The pipeline's last link: decides which targets may answer, in which order, and carries that out. */
export const routingStage =
  (options: DecideOptions & AttemptOptions): Next =>
  async (call) => {
    const ranked = decide(call, options);
    return carryOut(ranked instanceof Promise ? await ranked : ranked, call, options);
  };
