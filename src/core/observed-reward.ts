import { type Feedback, rewardSources } from "./ports/learning.ts";

/**
 * What is known of an answer: the word of the most trusted source, each giver counted once; undefined where nobody said
 * anything, which is no reward.
 */
export const observedReward = (feedback: readonly Feedback[]): number | undefined => {
  const source = rewardSources.find((one) => feedback.some((word) => word.source === one));
  if (source === undefined) return undefined;
  const givers = new Map<string, number[]>();
  for (const word of feedback)
    if (word.source === source) givers.set(word.giver, [...(givers.get(word.giver) ?? []), word.reward]);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean([...givers.values()].map(mean));
};
