import type { CascadeDetail } from "../../core/decision.ts";
import type { CascadePlan } from "../../core/plan.ts";
import type { Features } from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";
import { qualityOf } from "./online/logits.ts";
import type { RouteLearning, UseView } from "./online/route-learning.ts";
import { useTerms } from "./online/use-terms.ts";
import type { PriorView } from "./prior.ts";
import { costUsdOf } from "./target-cost.ts";

/** Standard deviations by which a quality is reckoned lower than it is thought to be. */
export const caution = 0.5;
/** Standard deviations of the interval that is shown (90 %). */
const shown = 1.645;
/** Quality that the change of target within a conversation must bring at least. */
const changeOfVoice = 0.02;
/** Length of an answer where nothing is known, tokens, and how long it takes. */
const usualOutputTokens = 500;
const usualMilliseconds = 1_000;

/** How good an action is thought to be, and what it is worth. */
export interface Worth {
  readonly quality: number;
  readonly lower: number;
  readonly upper: number;
  /** With the cautious quality: what is maximised. */
  readonly utility: number;
  /** With the mean quality, and its standard deviation: what trials go by. */
  readonly prospect: { readonly utility: number; readonly doubt: number };
}

/** An action with all that speaks for and against it. */
export interface Weighed extends Worth {
  /** As in decisions: a target's id, or of a cascade those of its targets. */
  readonly action: string;
  /** A target alone; undefined for a cascade. */
  readonly candidate?: Candidate;
  readonly cascade?: { readonly detail: CascadeDetail; readonly steps: CascadePlan["steps"] };
  readonly costUsd: number;
  readonly latencyMilliseconds: number;
  readonly terms: Readonly<Record<string, number>>;
}

export interface WeighedTarget extends Weighed {
  readonly candidate: Candidate;
}

export interface Weights {
  readonly lambda: number;
  /** Quality per second. */
  readonly latencyWeight: number;
}

export interface Situation {
  readonly inputTokens: number;
  readonly maxOutputTokens: number | undefined;
  /** The target that answered the conversation last, and what of the prompt it still has. */
  readonly warm: { readonly target: string; readonly tokens: number } | undefined;
  readonly load: Features["load"];
}

export interface Known {
  readonly prior: PriorView;
  /** Absent where nothing may be learned from use. */
  readonly use: UseView | undefined;
  readonly learning: RouteLearning;
}

/** What each target alone is expected to be worth for this prompt. */
export const weigh = (
  candidates: readonly Candidate[],
  { situation, known, weights }: { readonly situation: Situation; readonly known: Known; readonly weights: Weights },
): readonly WeighedTarget[] => {
  const prices = candidates.map(({ target }) => priceOf(target, situation, known));
  // A price that is not known is thought to be the highest.
  const dearest = Math.max(0, ...prices.map((price) => price ?? 0));
  return candidates.map((candidate, place) =>
    weighOne(candidate, prices[place] ?? dearest, { situation, known, weights }),
  );
};

const priceOf = (target: Candidate["target"], situation: Situation, { prior, use, learning }: Known) => {
  const { maxOutputTokens = Number.POSITIVE_INFINITY, inputTokens, warm } = situation;
  const outputTokens = Math.min(maxOutputTokens, prior.of(target).outputTokens ?? usualOutputTokens);
  const cachedInputTokens = warm?.target === target.id ? warm.tokens : 0;
  const costUsd = costUsdOf(target, { inputTokens, outputTokens, cachedInputTokens });
  return costUsd === undefined || use === undefined ? costUsd : costUsd * learning.costs.factor(target.id, use.cluster);
};

const weighOne = (
  candidate: Candidate,
  costUsd: number,
  { situation, known, weights }: { readonly situation: Situation; readonly known: Known; readonly weights: Weights },
): WeighedTarget => {
  const { prior, use, learning } = known;
  const { id } = candidate.target;
  const expected = prior.of(candidate.target);
  const correction = use?.correction(id) ?? {
    rewards: 0,
    neighbours: 0,
    variance: learning.spreadOf(id),
  };
  const logit = expected.logit + correction.rewards + correction.neighbours;
  const latencyMilliseconds =
    use === undefined
      ? (situation.load(id).latencyMilliseconds ?? usualMilliseconds)
      : usualMilliseconds * learning.durations.factor(id, use.cluster);
  const { warm } = situation;
  const changesVoice = warm !== undefined && warm.target !== id;
  return {
    action: id,
    candidate,
    ...worthOf(logit, correction.variance, spentOn({ costUsd, latencyMilliseconds, changesVoice }, weights)),
    costUsd,
    latencyMilliseconds,
    terms:
      use === undefined
        ? expected.terms
        : {
            ...expected.terms,
            [useTerms.rewards]: correction.rewards,
            ...(correction.neighbours === 0 ? {} : { [useTerms.neighbours]: correction.neighbours }),
          },
  };
};

/** What an action costs in quality: money, time, and another voice in a conversation. */
export const spentOn = (
  {
    costUsd,
    latencyMilliseconds,
    changesVoice,
  }: { readonly costUsd: number; readonly latencyMilliseconds: number; readonly changesVoice: boolean },
  { lambda, latencyWeight }: Weights,
): number => lambda * costUsd + (latencyWeight * latencyMilliseconds) / 1_000 + (changesVoice ? changeOfVoice : 0);

/** From a quality in logits, with its variance, and what the action costs in quality. */
export const worthOf = (logit: number, variance: number, spent: number): Worth => {
  const { quality, lower, upper } = qualityOf(logit, variance, shown);
  const cautious = qualityOf(logit, variance, caution).lower;
  return {
    ...{ quality, lower, upper },
    utility: cautious - spent,
    prospect: { utility: quality - spent, doubt: quality - cautious === 0 ? 0 : (quality - cautious) / caution },
  };
};
