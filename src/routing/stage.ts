import type { Call, Next, Reply } from "../core/call.ts";
import { type AttemptOptions, carryOut } from "./attempt.ts";
import { carryOutCascade } from "./cascade/carry-out-cascade.ts";
import { type DecideOptions, decide, type Plan } from "./decide.ts";

const carry = ({ ranked, cascade }: Plan, call: Call, options: AttemptOptions): Promise<Reply> =>
  cascade === undefined ? carryOut(ranked, call, options) : carryOutCascade({ ranked, cascade }, call, options);

/** The pipeline's last link: decides which targets may answer, in which order, and carries that out. */
export const routingStage =
  (options: DecideOptions & AttemptOptions): Next =>
  (call) => {
    try {
      const plan = decide(call, options);
      return plan instanceof Promise ? plan.then((known) => carry(known, call, options)) : carry(plan, call, options);
    } catch (error) {
      return Promise.reject(error);
    }
  };

const nothing: Reply = {
  kind: "stream",
  batches: { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) },
};

/** The same up to the decision, which nobody carries out: no target is asked, no sequence goes on. Answers nothing. */
export const previewStage = (options: DecideOptions): Next => {
  const dry = { ...options, isDryRun: true } as const;
  return async (call) => {
    await decide(call, dry);
    return nothing;
  };
};
