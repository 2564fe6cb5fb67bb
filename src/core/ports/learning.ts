import type { DecisionDetail } from "../decision.ts";
import type { Outcome } from "../ledger.ts";

/**
 * How a reward became known, the most trusted first: something checked the answer (`verifier`), somebody rated it
 * (`rating`), a model compared it with another (`judge`), or it was told by what came next (`implicit`).
 */
export const rewardSources = ["verifier", "rating", "judge", "implicit"] as const;
export type RewardSource = (typeof rewardSources)[number];

/** One word on how good the answer of a call was. */
export interface Feedback {
  /** Chosen by whoever gives it, unique within the call: the same id again changes nothing. */
  readonly id: string;
  readonly callId: string;
  readonly tenant: string;
  /** The key, user or part of the program that gave it; one giver's weight is bounded. */
  readonly giver: string;
  readonly source: RewardSource;
  /** 0–1. */
  readonly reward: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A settled call that a policy decided with a {@link DecisionDetail}: what is learned from, and judged by. */
export interface DecidedCall {
  readonly callId: string;
  readonly tenant: string;
  readonly keyId: string | null;
  /** The user whose key it was, or whom the client named; null where it is nobody's. */
  readonly userId: string | null;
  readonly route: string;
  readonly startedAt: number;
  readonly outcome: Outcome;
  /** The targets that were called, in order of their first attempt. */
  readonly targets: readonly string[];
  /** The target whose answer was given. */
  readonly target: string | null;
  readonly costUsd: number;
  readonly durationMilliseconds: number;
  readonly detail: DecisionDetail;
}

export interface JudgedCall extends DecidedCall {
  readonly feedback: readonly Feedback[];
}

export interface JudgedCallQuery {
  readonly route?: string;
  readonly tenant?: string;
  /** Milliseconds since 1970; included. */
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
}

/** Keeps what policies learn from. All throw GatewayError `storage_unavailable`. */
export interface LearningStore {
  /** Newest first. */
  judgedCalls(query: JudgedCallQuery): Promise<readonly JudgedCall[]>;
  judgedCall(callId: string): Promise<JudgedCall | undefined>;
  /** `known`: the same id stood there already, and nothing was changed. `unknown`: no such call of this tenant. */
  addFeedback(feedback: Feedback): Promise<"added" | "known" | "unknown">;
  /** Forgets what was learned from a tenant's user: features and feedback. Gives the number of calls concerned. */
  forgetUser(tenant: string, userId: string): Promise<number>;
  /** State that a policy keeps between starts, by a name of its own; JSON. */
  readState(name: string): Promise<string | undefined>;
  writeState(name: string, json: string): Promise<void>;
}

/** Whoever learns from calls in the process. Neither may throw, nor wait. */
export interface Learner {
  /** A call that this policy decided was settled. */
  settled(call: DecidedCall): void;
  /** Somebody said how good the answer of such a call was. */
  rewarded(call: DecidedCall, feedback: Feedback): void;
}
