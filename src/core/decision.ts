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

/** What is expected of a cascade of two steps. Probabilities, 0–1. */
export interface CascadeChances {
  /** That the first step settles it. */
  readonly settles: number;
  /** That the answer is good enough where the first step settled it, and where it did not. */
  readonly right: number;
  readonly otherwise: number;
}

/** What a policy thought of the cascade that it took, and how that went. */
export interface CascadeDetail {
  readonly kind: "agreement" | "checked";
  readonly expected: CascadeChances;
  /** The same before use taught otherwise: what corrections are learned against. */
  readonly assumed: CascadeChances;
  /**
   * The step whose answer was given, from 1. Absent where the cascade did not go as planned: a target failed, rested or
   * could not be paid, or another one had to answer; the decision's notes tell which.
   */
  readonly settledAtStep?: number;
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
  /** Set where the action is a cascade. */
  readonly cascade?: CascadeDetail;
  /** The prompt's features, packed; they do not give back the prompt. */
  readonly features?: string;
  /** Experiments that the call is part of: name → arm. */
  readonly arms?: Readonly<Record<string, string>>;
  /** The user whose key it was, or whom the client named. Strategies need not say it. */
  readonly userId?: string;
}

/** The experiments that a call is part of, by their names. */
export interface Assignment {
  readonly arms: Readonly<Record<string, string>>;
  /** Digests of what was assigned; an experiment that assigns each call by itself has none here. */
  readonly units?: Readonly<Record<string, string>>;
}

/** What a call that the program made by itself is about: a client's call of that route, which was answered before. */
export interface Beside {
  readonly kind: "shadow" | "judge";
  readonly call: string;
  readonly route: string;
  /** Of the client's call. */
  readonly tenant: string;
  /** When the client's call began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** `shadow`: whether it came to the same answer as the client's call; absent where that cannot be said. */
  readonly agrees?: boolean;
  /** `judge`: the shadow that was compared with the client's call; absent where that was looked at alone. */
  readonly shadow?: string;
  /** `judge`: of the shadow's answer beside the client's, or of the client's alone; 0–1. Absent where there is no verdict. */
  readonly reward?: number;
}

/** An answer ran into its limit of tokens, the model declined, or the provider's filter did. */
export type AnswerEnding = "length" | "refusal" | "contentFilter";

/** Why a call went where it went; kept with the call in the ledger. */
export interface Decision extends Partial<Assignment> {
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
  /** Set where no client asked. */
  readonly beside?: Beside;
  /** Why the answer ended, where the model did not come to an end by itself; told of calls with a detail only. */
  readonly ending?: AnswerEnding;
}
