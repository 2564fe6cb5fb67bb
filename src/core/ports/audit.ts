import type { JsonObject } from "../json.ts";

/**
 * `ok`: it was done. `refused`: it was not, for a reason of the client's (`code` says which). `failed`: it was not, for a
 * reason of ours. `intended`: it is about to be done, and a later row that names this one in `completes` says how it ended.
 */
export type AuditOutcome = "ok" | "refused" | "failed" | "intended";

/** What was acted on; the id is null where there is only one, or where it was not made. */
export interface AuditObject {
  readonly kind: string;
  readonly id: string | null;
}

/** One administrative act, as it is written down. */
export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** A key's id, or `local`, `open`, `environment`, `file`, `program`. */
  readonly actor: string;
  readonly tenant: string;
  /** `key.create`, `provider.update` … */
  readonly action: string;
  readonly object: AuditObject;
  readonly outcome: AuditOutcome;
  /** The error's code; null where there was none. */
  readonly code: string | null;
  readonly requestId: string | null;
  /** The peer's address; null where no socket was used. */
  readonly remoteAddress: string | null;
  /** The sequence of the row with `intended` that this one completes. */
  readonly completes: number | null;
  /** JSON: `[[field, before, after], …]`, texts or null; secrets read `[secret]`. */
  readonly changes: string;
}

/** An entry in its place in the chain, but for its own hash. */
export interface UnsealedAuditRow extends AuditEntry {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** The hash of the row before, in hexadecimal. */
  readonly previousHash: string;
}

export interface AuditRow extends UnsealedAuditRow {
  readonly hash: string;
}

/** Where rows end: the newest one. */
export type AuditEnd = Pick<AuditRow, "sequence" | "hash">;

/** How rows are chained: the hash of a row, and what the first one takes for the hash before it. */
export interface AuditSeal {
  readonly firstPreviousHash: string;
  readonly hash: (row: UnsealedAuditRow) => string;
}

export interface AuditFilter {
  /** Milliseconds since 1970, included. */
  readonly since?: number | undefined;
  /** An action, or the first part of one: `key` stands for all of keys. */
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  /** Acts of callers of this tenant. */
  readonly tenant?: string | undefined;
}

/** A page of rows: the newest first, older than `before`; or the oldest first, newer than `after`. */
export type AuditQuery = AuditFilter & { readonly limit: number } & (
    | { readonly before?: number | undefined }
    | { readonly after: number }
  );

/** Keeps the rows; none is ever changed. Throws GatewayError `storage_unavailable` where the database cannot be used. */
export interface AuditStore {
  /** In a transaction of its own. */
  append(entry: AuditEntry): AuditRow;
  list(query: AuditQuery): readonly AuditRow[];
  /** Runs `work` while nobody can append. */
  underLock(work: (last: AuditEnd | undefined) => void): void;
  hashOf(sequence: number): string | undefined;
}

/** An object's fields before and after a change; null where it was not there. */
export interface AuditedChange {
  readonly object?: AuditObject;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  /** Puts `[secret]` in the place of secrets. What changed is told from the fields as they are, and shown through this. */
  readonly show?: (fields: JsonObject) => JsonObject;
}

/** An act that is under way. */
export interface AuditAct {
  /** What its row is to say of the change, where no store that takes part says it. */
  note(change: AuditedChange): void;
}

/** How a store takes part in an act: with its row in the transaction of the change. */
export interface AuditJoin {
  readonly seal: AuditSeal;
  /** The row of a change, for the transaction that makes it. Throws `internal_error` where no act is under way. */
  entryOf(change: AuditedChange): AuditEntry;
  /** The transaction with the row of {@link entryOf} is committed. Never throws. */
  committed(): void;
}

export interface ActDescription
  extends Pick<AuditEntry, "actor" | "tenant" | "action" | "object" | "requestId" | "remoteAddress"> {
  /**
   * `with`: what changes is in the database, and the row comes in the same transaction. `ahead`: what changes is elsewhere,
   * so a row `intended` comes before it and another one after it.
   */
  readonly order: "with" | "ahead";
}

/** What verifying found. */
export interface AuditReport {
  readonly ok: boolean;
  readonly rows: number;
  /**
   * Where the rows begin, and the hash of the last one that was pruned, as the newest `audit.prune` says; null where they
   * begin with row 1.
   */
  readonly from: AuditEnd | null;
  readonly last: AuditEnd | null;
  /** The first row that does not hold, or that is missing. */
  readonly broken: { readonly sequence: number; readonly reason: string } | null;
  /** How the file with the newest row's hash stands to the rows; `behind` is no fault. */
  readonly head: {
    readonly state: "agrees" | "behind" | "ahead" | "differs" | "missing" | "unreadable" | "none";
    readonly sequence: number | null;
  };
  /** Rows `intended` of which no later row says how they ended. */
  readonly unfinished: readonly number[];
}

/** The record of every administrative act. */
export interface AuditLog {
  /**
   * Runs `work` as one act, and writes down what came of it. Throws what `work` throws; `storage_unavailable` where the
   * row cannot be written, and nothing is then changed that the database holds.
   */
  perform<Result>(act: ActDescription, work: (act: AuditAct) => Result | Promise<Result>): Promise<Result>;
  list(query: AuditQuery): readonly AuditRow[];
  /** Walks all rows, a page at a time, so that others have their turn. */
  verify(): Promise<AuditReport>;
}
