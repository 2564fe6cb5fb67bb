import type { Target } from "../../core/model.ts";
import { costOf, toUsd } from "../../core/money.ts";
import type { Candidate } from "../../core/route.ts";

/** A call as it usually is: tokens of prompt and answer. */
const usual = { inputTokens: 1_000, outputTokens: 500 } as const;

export interface CallTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the input, what the target still has in its cache. */
  readonly cachedInputTokens?: number;
}

/**
 * USD that a call costs by its target's prices. Without a price, one's own hardware counts as free; undefined where a
 * price there must be is not known.
 */
export const costUsdOf = ({ facts }: Target, tokens: CallTokens): number | undefined => {
  if (facts.price !== undefined) return toUsd(costOf(tokens, facts.price));
  return facts.openWeights === false ? undefined : 0;
};

/** USD that a usual call costs at the dearest of the targets. */
export const dearestUsdOf = (candidates: readonly Candidate[]): number =>
  Math.max(0, ...candidates.map(({ target }) => costUsdOf(target, usual) ?? 0));
