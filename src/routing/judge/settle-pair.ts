import type { PairVerdict } from "./judge-prompt.ts";

/** Two verdicts on one pair, the second asked for with the answers in each other's place. */
export interface SwappedVerdicts {
  readonly straight: PairVerdict;
  readonly swapped: PairVerdict;
}

/**
 * Of 1 where the second answer of the straight order is the better one, 0 where the first is, a half where they are equal
 * or where the verdict changes with the order: models prefer a place (L. Zheng et al., "Judging LLM-as-a-judge", 2023).
 */
export const settlePair = ({ straight, swapped }: SwappedVerdicts): number => {
  if (straight === "second" && swapped === "first") return 1;
  return straight === "first" && swapped === "second" ? 0 : 0.5;
};

/** Of what a win is worth, the longest answer loses so much. */
const mostForLength = 0.5;

/**
 * What a verdict is worth once length is taken out of it: judges prefer what is longer. A win of the longer answer is
 * drawn towards a half, by half at most; a win of the shorter one and a tie stay. The hyperbolic tangent of the lengths'
 * logarithm is how Y. Dubois et al. let length enter ("Length-controlled AlpacaEval", 2024); its weight is set, not fitted,
 * since a route has few verdicts. Lengths are characters of the first and the second answer.
 */
export const withoutLength = (reward: number, [first, second]: readonly [first: number, second: number]): number => {
  const longer = Math.log(Math.max(1, second) / Math.max(1, first)) * Math.sign(reward - 0.5);
  if (reward === 0.5 || longer <= 0) return reward;
  return 0.5 + (reward - 0.5) * (1 - mostForLength * Math.tanh(longer));
};
