/** One candidate of a decision: where it was ranked and why, or why it was excluded. */
export interface DecisionCandidate {
  readonly target: string;
  readonly score?: number;
  readonly reason: string;
  readonly excluded?: true;
}

/** What a policy expected of one action before it was taken. */
export interface ExpectedAction {
  /** A target's id, or of a cascade its targets joined by ` + `. */
  readonly action: string;
  /** Probability that the answer is good enough, 0–1, with the interval that the policy reckoned with. */
  readonly quality: number;
  readonly lower: number;
  readonly upper: number;
  readonly costUsd: number;
  readonly latencyMilliseconds?: number;
  /** What the policy maximised. */
  readonly utility: number;
  /** The parts of `quality`, in logits, by the names of the terms. */
  readonly terms?: Readonly<Record<string, number>>;
}

/** What a policy that learns says of its choice, so that it can be explained, judged and learned from. */
export interface DecisionDetail {
  readonly policy: string;
  /** Of the model file and of what was learned since; a decision can be replayed with it. */
  readonly version: string;
  /** Probability that the answer is good enough, 0–1. */
  readonly confidence: number;
  /** The action taken, as in {@link ExpectedAction.action}. */
  readonly action: string;
  /** With which probability this action was taken, over the policy's own dice. 1 where it threw none. */
  readonly propensity: number;
  /** Set where the action was taken to learn, not because it was thought best. */
  readonly explored?: true;
  /** Price of quality: USD that one whole answer more is worth, as the policy reckoned, as 1/λ; absent where it has none. */
  readonly lambda?: number;
  /** What bound the choice: `utility`, `promise`, `budget`, `only candidate` … */
  readonly binding: string;
  readonly taskKind?: string;
  readonly complexity?: "simple" | "moderate" | "complex";
  /** Everything that was weighed, best first. */
  readonly expected: readonly ExpectedAction[];
  /** The prompt's features, packed; they do not give back the prompt. */
  readonly features?: string;
  /** Experiments that the call is part of: name → arm. */
  readonly arms?: Readonly<Record<string, string>>;
  /** The user whose key it was, or whom the client named. Strategies need not say it. */
  readonly userId?: string;
}

/** An answer ran into its limit of tokens, the model declined, or the provider's filter did. */
export type AnswerEnding = "length" | "refusal" | "contentFilter";

/** Why a call went where it went; kept with the call in the ledger. */
export interface Decision {
  readonly strategy: string;
  /** Ranked candidates, best first, then the excluded ones. */
  readonly candidates: readonly DecisionCandidate[];
  /** One sentence for people. */
  readonly reason: string;
  /** What the client asked of the choice. */
  readonly wished?: string;
  /** Set where the strategy failed and the route's own order was taken instead. */
  readonly fallback?: string;
  /** What happened on the way that the ranking did not foresee: circuits open, rescues, hedges. In order. */
  readonly notes?: readonly string[];
  readonly detail?: DecisionDetail;
  /** Why the answer ended, where the model did not come to an end by itself; told of calls with a detail only. */
  readonly ending?: AnswerEnding;
}
