import type { ExpectedAction } from "../../core/decision.ts";
import { observedReward } from "../../core/observed-reward.ts";
import type { JudgedCall } from "../../core/ports/learning.ts";

/** What of a recorded call other policies are judged by. */
export interface LoggedCall {
  readonly taken: ExpectedAction;
  readonly propensity: number;
  /** Undefined where nobody judged it. */
  readonly reward: number | undefined;
  readonly costUsd: number;
  readonly durationMilliseconds: number;
  readonly expected: ReadonlyMap<string, ExpectedAction>;
}

/** A policy, as it would choose for a call of then; undefined where it knows nothing of the call. */
export interface ChoosingPolicy {
  readonly name: string;
  choose(call: JudgedCall): string | undefined;
}

const isKnown = ({ quality, costUsd }: ExpectedAction): boolean => Number.isFinite(quality) && Number.isFinite(costUsd);

/** Undefined where the record does not hold what is needed, or the answer came to nothing. */
export const loggedCallOf = (call: JudgedCall): LoggedCall | undefined => {
  const { detail, outcome } = call;
  const expected = new Map(detail.expected.filter(isKnown).map((action) => [action.action, action]));
  const taken = expected.get(detail.action);
  const { propensity } = detail;
  if (outcome !== "ok" || taken === undefined || !(propensity > 0) || propensity > 1) return undefined;
  return {
    taken,
    propensity,
    reward: observedReward(call.feedback),
    costUsd: call.costUsd,
    durationMilliseconds: call.durationMilliseconds,
    expected,
  };
};

/** Always the same target. */
export const constantPolicy = (target: string): ChoosingPolicy => ({
  name: target,
  choose: ({ detail }) => (detail.expected.some(({ action }) => action === target) ? target : undefined),
});

/** What was expected then, weighed at another price: the cautious end of the quality, less λ times the cost. */
export const pricedPolicy = (lambda: number): ChoosingPolicy => ({
  name: `λ = ${lambda}`,
  choose({ detail }) {
    let best: { readonly action: string; readonly worth: number } | undefined;
    for (const { action, lower, costUsd } of detail.expected) {
      const worth = lower - lambda * costUsd;
      if (Number.isFinite(worth) && (best === undefined || worth > best.worth)) best = { action, worth };
    }
    return best?.action;
  },
});
