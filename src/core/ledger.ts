import type { Decision } from "./decision.ts";
import type { ErrorCode } from "./errors.ts";
import type { PicoUsd, Price } from "./money.ts";
import type { OperationName } from "./operations.ts";
import type { Usage, UsageSource } from "./usage.ts";

/** How a call or an attempt ended. `interrupted`: the program died before it could settle. */
export type Outcome = "ok" | "error" | "aborted" | "interrupted";

/**
 * Where a cost came from: the usage was reported, estimated, or unknown (then the cost is an upper bound); the model
 * has no price; or the provider refused or was never reached, so that nothing was used.
 */
export type CostSource = "reported" | "estimated" | "bound" | "unpriced" | "none";

/** One try of one target. Times are milliseconds after the call's start. */
export interface AttemptRecord {
  /** From 1, within the call. */
  readonly number: number;
  readonly target: string;
  readonly provider: string;
  readonly kind: string;
  readonly model: string;
  readonly outcome: Outcome;
  readonly errorCode: ErrorCode | null;
  /** What went wrong, for people; never a secret or a prompt. */
  readonly errorMessage: string | null;
  readonly upstreamStatus: number | null;
  readonly startedAfterMilliseconds: number;
  readonly headersAfterMilliseconds: number | null;
  readonly firstContentAfterMilliseconds: number | null;
  readonly endedAfterMilliseconds: number;
  readonly usage: Usage | null;
  readonly usageSource: UsageSource;
  readonly price: Price | null;
  readonly costPicoUsd: PicoUsd;
  readonly costSource: CostSource;
  /** Whether the client got content from this attempt. */
  readonly delivered: boolean;
  /** Set where it did not, and the answer that it got was chosen by looking at this one's: a step of a cascade. */
  readonly contributed?: true;
}

/** What is known of a call when its first attempt is dispatched. */
export interface CallHead {
  readonly id: string;
  readonly operation: OperationName;
  readonly tenant: string;
  readonly team: string | null;
  readonly keyId: string | null;
  readonly route: string;
  readonly requestedModel: string;
  readonly streamed: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** One settled call. */
export interface CallRecord extends CallHead {
  readonly outcome: Outcome;
  /** HTTP status that the client saw, or would have seen. */
  readonly status: number;
  readonly errorCode: ErrorCode | null;
  readonly errorMessage: string | null;
  readonly durationMilliseconds: number;
  readonly timeToFirstContentMilliseconds: number | null;
  /** The target whose answer the client got. */
  readonly target: string | null;
  readonly model: string | null;
  readonly usage: Usage | null;
  readonly usageSource: UsageSource;
  /** Sum over all attempts. */
  readonly costPicoUsd: PicoUsd;
  /** Sum over the attempts that the client got content from, and those that contributed to the choice of it. */
  readonly chargePicoUsd: PicoUsd;
  readonly decision: Decision | null;
  readonly attempts: readonly AttemptRecord[];
}

/** Appended before each upstream call. */
export interface DispatchedRecord {
  readonly type: "dispatched";
  readonly call: CallHead;
  readonly attempt: number;
  readonly target: string;
  readonly provider: string;
  readonly kind: string;
  readonly model: string;
  readonly startedAfterMilliseconds: number;
  readonly price: Price | null;
  /** Upper bound of what the attempt can cost; null where it cannot be bounded. */
  readonly worstCasePicoUsd: PicoUsd | null;
}
/** Appended once per call, before the last byte of its answer leaves. */
export interface SettledRecord {
  readonly type: "settled";
  readonly call: CallRecord;
}
export type JournalRecord = DispatchedRecord | SettledRecord;
