import type { Caller } from "../caller.ts";
import type { DecisionDetail } from "../decision.ts";
import type { Outcome } from "../ledger.ts";
import type { CallCursor } from "./ledger-store.ts";

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
  /** Only calls older than this one. */
  readonly before?: CallCursor;
  /** At most 1,000 are given. */
  readonly limit: number;
}

/** Whose call it was: who may judge it. */
export interface CallOwner {
  readonly callId: string;
  readonly tenant: string;
  readonly keyId: string | null;
  readonly userId: string | null;
}

/** So much feedback of one giver is kept for one call, and so much of all givers together. */
export const mostFeedback = { ofGiver: 8, ofCall: 64 } as const;

/**
 * `known`: the same id stood there already, and nothing was changed. `unknown`: no such call of this tenant. `full`: there
 * is as much of it as {@link mostFeedback} says.
 */
export type FeedbackAdded = "added" | "known" | "unknown" | "full";

/** Keeps what policies learn from, as far as the journal is folded. All throw GatewayError `storage_unavailable`. */
export interface LearningStore {
  /** Newest first. */
  judgedCalls(query: JudgedCallQuery): Promise<readonly JudgedCall[]>;
  judgedCall(callId: string): Promise<JudgedCall | undefined>;
  /** Of any settled call, whoever decided it. */
  ownerOf(callId: string): Promise<CallOwner | undefined>;
  /** All feedback of a call, oldest first, whoever decided the call. */
  feedbackOf(callId: string): Promise<readonly Feedback[]>;
  addFeedback(feedback: Feedback): Promise<FeedbackAdded>;
  /**
   * Forgets what was learned from a tenant's user: features and feedback of the user's calls, whose calls they were, and
   * what the user said of other calls. Gives the number of calls concerned.
   */
  forgetUser(tenant: string, userId: string): Promise<number>;
  /** Takes out details and feedback that are older, in milliseconds since 1970: at most `limit` of each. Gives how many. */
  prune(before: number, limit: number): Promise<number>;
  /** State that a policy keeps between starts, by a name of its own; JSON. */
  readState(name: string): Promise<string | undefined>;
  writeState(name: string, json: string): Promise<void>;
}

/** Whoever learns from calls in the process. None may throw, nor wait. */
export interface Learner {
  /** A call that this policy decided was settled. */
  settled(call: DecidedCall): void;
  /** Somebody said how good the answer of such a call was. */
  rewarded(call: DecidedCall, feedback: Feedback): void;
  /** A user is to be forgotten: what is kept of this user, in memory and in states, goes. */
  forgotten?(tenant: string, userId: string): void;
}

/** What is known of calls in one process and told to the others; plain data. */
export type LearningNotice =
  | { readonly kind: "settled"; readonly call: DecidedCall }
  | { readonly kind: "rewarded"; readonly call: DecidedCall; readonly feedback: Feedback }
  | { readonly kind: "forgotten"; readonly tenant: string; readonly userId: string };

/** What a client says of the answer to a call. At least one of the three is there. */
export interface GivenFeedback {
  readonly callId: string;
  /** Printable ASCII; the same id of the same giver again changes nothing. Absent: one word of each kind. */
  readonly id?: string;
  /** 0–1: what somebody thought of it. */
  readonly rating?: number;
  /** 0–1: what a check of it found. */
  readonly outcome?: number;
  /** Somebody had to put it right. */
  readonly corrected?: true;
}

export interface FeedbackReceipt {
  readonly source: RewardSource;
  readonly reward: number;
  readonly status: "added" | "known";
}

/** Takes feedback from clients. */
export interface FeedbackDesk {
  /**
   * Resolves once it is kept. Throws `not_found`, with the same words, for calls that are not there and for those that
   * the caller may not judge; `rate_limit_exceeded` where there is too much of it; `storage_unavailable`.
   */
  take(given: GivenFeedback, caller: Caller): Promise<readonly FeedbackReceipt[]>;
}
