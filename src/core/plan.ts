import type { Candidate } from "./route.ts";

/**
 * Several targets asked for one answer. The steps are carried out in order; the targets of one step are asked together.
 * `agreement`: the answers that came so far are compared after each step, and the first answer that `needed` of them
 * share is given. `checked`: the first answer that passes its checks (not cut off, no refusal, valid where a schema is
 * asked for) is given. Where no step settles it, the answer of the last target is given.
 */
export interface CascadePlan {
  readonly kind: "agreement" | "checked";
  readonly steps: readonly (readonly Candidate[])[];
  /** How many answers must agree; `agreement` only. */
  readonly needed: number;
  /** `checked` only: of an answer that comes with log-probabilities, their mean must not be below this. */
  readonly minimumMeanLogprob?: number;
  readonly reason: string;
}

/** The targets that a cascade may call, in the order of its steps. */
export const cascadeTargets = ({ steps }: CascadePlan): readonly string[] =>
  steps.flatMap((step) => step.map(({ target }) => target.id));

const joint = " + ";

/** Of a decision's action: a cascade's targets, in the order of its steps. */
export const cascadeAction = (targets: readonly string[]): string => targets.join(joint);

/** Whether a decision's action is a cascade; else it is a target's id. */
export const isCascadeAction = (action: string): boolean => action.includes(joint);

/** The targets of a decision's action: one, or those of a cascade. */
export const targetsOfAction = (action: string): readonly string[] => action.split(joint);
