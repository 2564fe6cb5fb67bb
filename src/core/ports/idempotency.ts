import type { Caller } from "../caller.ts";

/** A whole answer, as its client got it. */
export interface SavedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** A request whose client chose a key for it. */
export interface KeyedRequest {
  /** The header as it came. */
  readonly key: string;
  readonly caller: Caller;
  /** The id of the call that this request would become. */
  readonly callId: string;
  readonly path: string;
  /** The whole body. */
  readonly body: string;
}

/** A key in the hands of the call that carries its request out. The first of `save` and `release` counts. */
export interface HeldKey {
  /** A longer body is not kept: give undefined for it. */
  readonly maxStoredBytes: number;
  /**
   * Ends the key's use: from now on it stands for this answer, or, where it is undefined or too long, for an answer
   * that was given and is not there any more. Resolves when that is stored as durably as the journal. Never rejects.
   */
  save(answer: SavedAnswer | undefined): Promise<void>;
  /** Frees the key, so that the next request with it runs. */
  release(): void;
}

/** `held`: carry the request out; `saved`: here is its answer, and the id of the call that it was. */
export type KeyClaim =
  | { readonly kind: "held"; readonly held: HeldKey }
  | { readonly kind: "saved"; readonly answer: SavedAnswer; readonly callId: string };

/** What `Idempotency-Key` does, as the edge sees it. */
export interface Idempotency {
  /**
   * Takes a request's key, or gives the answer that it stands for; undefined where the feature is switched off. Throws
   * GatewayError `invalid_value`, `idempotency_in_flight`, `idempotency_mismatch`, `idempotency_not_stored` or
   * `storage_unavailable`.
   */
  claim(request: KeyedRequest): Promise<KeyClaim | undefined>;
}

/** What is stored of one key. Times are milliseconds since 1970. */
export interface KeyEntry {
  /** A digest of whose key it is and of its text. */
  readonly id: string;
  /** A digest of the request. */
  readonly fingerprint: string;
  /** The call that holds the key, or held it. */
  readonly callId: string;
  /** The process that carries the call out; null once it has ended. */
  readonly owner: string | null;
  /** How long the owner vouches for the call; once it has ended, how long the entry is kept. */
  readonly expiresAt: number;
  /** The sealed answer; null while there is none, and where it was not kept. */
  readonly answer: Uint8Array | null;
}

/**
 * Keeps the entries of keys. Safe to use from several processes at once. All methods throw GatewayError
 * `storage_unavailable`.
 */
export interface IdempotencyStore {
  find(id: string): KeyEntry | undefined | Promise<KeyEntry | undefined>;
  /** Enters a call as the holder, if there is no entry, or only that of the call `instead`. Gives whether it did. */
  take(entry: KeyEntry & { readonly owner: string }, instead: string | null): boolean | Promise<boolean>;
  /** Ends the hold of a call that still holds the key, with what is kept of it. Gives whether it did. */
  finish(ending: Omit<KeyEntry, "fingerprint" | "owner">): boolean | Promise<boolean>;
  /** Removes the entry of a call that still holds the key. Gives whether it did. */
  release(hold: Pick<KeyEntry, "id" | "callId">): boolean | Promise<boolean>;
  /** Sets until when an owner vouches for all that it holds. */
  renew(owner: string, expiresAt: number): void | Promise<void>;
  /** Those that hold a key, each with the end of its longest vouch. */
  owners(): readonly Holder[] | Promise<readonly Holder[]>;
  /** Removes what an owner holds. */
  abandon(owner: string): void | Promise<void>;
  /** Removes at most so many ended entries that have expired. Gives how many it removed. */
  sweep(now: number, limit: number): number | Promise<number>;
  /** Resolves when all that was written has reached the durability that was configured; at once by default. */
  flushed(): Promise<void> | undefined;
}
export interface Holder {
  readonly owner: string;
  readonly expiresAt: number;
}
