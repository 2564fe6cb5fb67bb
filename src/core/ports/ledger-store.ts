import type { Decision } from "../decision.ts";
import type { CallRecord, DispatchedRecord } from "../ledger.ts";
import type { PicoUsd } from "../money.ts";

export type UsageGroup = "model" | "key" | "day" | "provider" | "route" | "tenant";

/** Which calls are meant. Times are milliseconds since 1970; `since` is included, `until` is not. */
export interface CallFilter {
  readonly since?: number;
  readonly until?: number;
  readonly tenant?: string;
  readonly keyId?: string;
  readonly route?: string;
  /** The model that answered. */
  readonly model?: string;
}

/** What a group of calls used and cost. */
export interface UsageRow {
  /** The group's value, a day as `2026-11-30` in UTC; null where a call has none (no key, no attempt). */
  readonly group: string | null;
  readonly calls: number;
  readonly attempts: number;
  /** Calls that did not end `ok`; grouped by model or provider: attempts that did not. */
  readonly failures: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Exact up to 9,007 USD, then to 16 digits. */
  readonly costPicoUsd: PicoUsd;
  readonly chargePicoUsd: PicoUsd;
  /** Part of the cost that nobody reported: from estimated usage, or an upper bound. */
  readonly estimatedPicoUsd: PicoUsd;
  /** Attempts that used something of a model without a price, so that their cost is missing from the sums. */
  readonly unpricedAttempts: number;
}

/** A call without its attempts and its decision. */
export type CallSummary = Omit<CallRecord, "attempts" | "decision">;

/** Where a page of calls ended: the last call of it. */
export type CallCursor = Pick<CallRecord, "startedAt" | "id">;

/** Reads the ledger. All methods throw GatewayError `storage_unavailable` where the database cannot be read. */
export interface LedgerStore {
  /** The settled call with its attempts and its decision. */
  callById(id: string): Promise<CallRecord | undefined>;
  /**
   * Sums over settled and interrupted calls, the costliest group first, days in order. By model and by provider, each
   * attempt counts where it went, so that a call that fell back stands in two groups.
   */
  usage(query: CallFilter & { readonly groupBy: UsageGroup }): Promise<readonly UsageRow[]>;
  /** Newest first. */
  recentCalls(
    query: CallFilter & { readonly limit: number; readonly before?: CallCursor },
  ): Promise<readonly CallSummary[]>;
}

/** A settled call on its way from the journal into the tables. */
export interface FoldedCall extends Omit<CallRecord, "decision"> {
  /** May still be the JSON that the tables keep: nobody reads it on the way. */
  readonly decision: Decision | string | null;
}

/** Records of one segment from one offset to another, to be entered whole or not at all. */
export interface FoldGroup {
  readonly segment: string;
  /** Who wrote the segment: one journal of one process. */
  readonly owner: string;
  readonly from: number;
  readonly to: number;
  readonly dispatched: readonly DispatchedRecord[];
  readonly settled: readonly FoldedCall[];
  /**
   * The dispatches of one of the calls in `settled`: needed again where such a call is refused. To be asked before `apply`
   * waits for anything: they are read from the journal then.
   */
  readonly answered?: (call: string) => readonly DispatchedRecord[];
  /** Calls in `settled` of which a dispatch may stand in the tables; absent, it may be any of them. */
  readonly begunBefore?: ReadonlySet<string>;
  /** Records that the program cannot read, as they stand; they go into quarantine. */
  readonly unknown?: readonly string[];
  /** Stretches within the group that could not be read. */
  readonly gaps: number;
}

/** A record that the tables would not take: it stands in quarantine, whole, and the others went on. */
export interface RefusedRecord {
  /** The id of its call; null where not even that could be read. */
  readonly call: string | null;
  readonly reason: string;
}

/** `moved`: another process has entered from this offset already, and nothing was done. */
export type FoldOutcome =
  | { readonly kind: "moved" }
  | { readonly kind: "applied"; readonly refused: readonly RefusedRecord[] };

export interface SegmentPosition {
  /** Everything before this offset has been entered. */
  readonly offset: number;
  /** Unreadable stretches met so far. */
  readonly gaps: number;
}

/**
 * Takes the journal's records into the database. Each method is one transaction, and safe to run from several
 * processes at once. All throw GatewayError `storage_unavailable`.
 */
export interface FoldStore {
  position(segment: string): SegmentPosition | Promise<SegmentPosition>;
  /** Enters a group. A settled call that is refused leaves its dispatches open, so that its worst case is entered. */
  apply(group: FoldGroup): FoldOutcome | Promise<FoldOutcome>;
  /** Owners that have dispatched calls without a settlement. */
  openOwners(): readonly string[] | Promise<readonly string[]>;
  /** An owner's dispatches without a settlement, by call and number. */
  openDispatches(owner: string): readonly DispatchedRecord[] | Promise<readonly DispatchedRecord[]>;
  /** Enters calls that can no longer be settled, where none is known by their id, and forgets the owner's dispatches. */
  interrupt(owner: string, calls: readonly FoldedCall[]): readonly RefusedRecord[] | Promise<readonly RefusedRecord[]>;
  /** Segments whose position is kept. */
  segments(): readonly string[] | Promise<readonly string[]>;
  /** Forgets the positions of segments whose files are gone for good. */
  forget(segments: readonly string[]): void | Promise<void>;
  /** Makes what was entered survive a power cut, so that the journal's file may go. */
  checkpoint(): void | Promise<void>;
}
