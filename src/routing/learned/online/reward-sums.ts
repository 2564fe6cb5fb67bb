import { type Belief, logit } from "./logits.ts";

/** What rewards said in one place: their weight, weighted sum, and the weighted sum of what the prior expected. */
export interface RewardSums {
  weight: number;
  reward: number;
  expected: number;
}

export const noRewards = (): RewardSums => ({ weight: 0, reward: 0, expected: 0 });

/** How many rewards of the expected size are mixed in, so that few rewards give no extreme. */
const mixedIn = 1;

/**
 * By how many logits the rewards differ from what was expected, as a normal belief without a prior of its own (Laplace's
 * approximation of a binomial likelihood). The variance has no end where there are no rewards.
 */
export const shiftOf = ({ weight, reward, expected }: RewardSums): Belief => {
  if (weight <= 1e-9) return { mean: 0, variance: Number.POSITIVE_INFINITY };
  const before = Math.min(0.995, Math.max(0.005, expected / weight));
  const after = Math.min(0.98, Math.max(0.02, (reward + mixedIn * before) / (weight + mixedIn)));
  return { mean: logit(after) - logit(before), variance: 1 / (weight * after * (1 - after)) };
};
