import type { CallRecord, DispatchedRecord } from "../ledger.ts";
import type { RefusedRecord, SegmentPosition } from "./ledger-store.ts";

/** A call as the tables have it, without its decision; `unreadable` where its rows are not what the program writes. */
export type AuditedCall =
  | { readonly kind: "call"; readonly call: Omit<CallRecord, "decision"> }
  | { readonly kind: "unreadable"; readonly id: string; readonly reason: string };

export interface StrayAttempt {
  readonly call: string;
  readonly number: number;
}

export interface OpenDispatch {
  readonly owner: string;
  readonly record: DispatchedRecord;
}

/** A sum of budgets that is not what its calls cost. Money is in 10⁻¹² USD, in digits, exact however much it is. */
export interface UnequalDay {
  /** As `2026-11-24`, UTC. */
  readonly day: string;
  readonly tenant: string;
  /** '' where the calls have none; likewise the key. */
  readonly team: string;
  readonly keyId: string;
  readonly route: string;
  readonly target: string;
  /** What budgets take as spent. */
  readonly spent: string;
  /** What the calls' attempts add up to. */
  readonly due: string;
}

/** The whole ledger as it stood at one moment. */
export interface LedgerSnapshot {
  calls(): Iterable<AuditedCall>;
  /** How a call ended; undefined where it is not known. */
  outcomeOf(callId: string): string | undefined;
  attemptsWithoutCall(): readonly StrayAttempt[];
  openDispatches(): readonly OpenDispatch[];
  positions(): readonly (SegmentPosition & { readonly segment: string })[];
  /** Of the daily sums that budgets are read from. */
  unequalDays(): readonly UnequalDay[];
  quarantined(): readonly (RefusedRecord & { readonly segment: string })[];
}

/** Reads the whole ledger for those who check it. Throws GatewayError `storage_unavailable`. */
export interface LedgerAudit {
  /** Runs `work` on a snapshot; what is written meanwhile is not seen, and does not wait. */
  inspect<Result>(work: (snapshot: LedgerSnapshot) => Result): Result;
}
