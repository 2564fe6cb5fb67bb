import type { Role } from "../caller.ts";
import type { KeyScope } from "../key-scope.ts";

/** One API key, without the key itself. Times are milliseconds since 1970. */
export interface KeyRecord extends KeyScope {
  readonly id: string;
  readonly name: string;
  /** Keyed hash of the key, in hexadecimal. */
  readonly digest: string;
  /** The key's last four characters, so that people can tell keys apart. */
  readonly suffix: string;
  readonly role: Role;
  readonly tenant: string;
  /** Whether it is the platform's own: its permissions hold for all tenants. */
  readonly everywhere: boolean;
  readonly team: string | null;
  readonly userId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** The id of the key that this one replaces. */
  readonly rotatedFrom: string | null;
  readonly lastUsedAt: number | null;
  /** From 1; each change adds one. */
  readonly revision: number;
}

/** What of a key may be changed; what is absent stays. */
export type KeyChange = Partial<Pick<KeyRecord, "name" | "role" | "team" | "userId" | "expiresAt" | keyof KeyScope>>;

/**
 * Keeps API keys. Throws GatewayError `not_found` for an unknown id, `invalid_value` for a
 * tenant, team or user that is not there, `conflict` for an id or digest that is taken or a
 * key that was revoked, `storage_unavailable` where the database cannot be used.
 */
export interface KeyStore {
  insert(record: KeyRecord): Promise<void>;
  /** Oldest first. */
  list(filter?: { readonly tenant?: string }): Promise<readonly KeyRecord[]>;
  byId(id: string): Promise<KeyRecord | undefined>;
  /** Revoked and expired keys too: the caller judges. May answer at once. */
  byDigest(digest: string): KeyRecord | undefined | Promise<KeyRecord | undefined>;
  /** Throws `precondition_failed` where the key has another revision. Gives it as it now stands. */
  change(id: string, change: KeyChange, expectedRevision: number): Promise<KeyRecord>;
  /** Revokes the key; a second time changes nothing. Gives the key as it now stands. */
  revoke(id: string, at: number): Promise<KeyRecord>;
  /** Puts a key in another's place; both work until `overlapUntil`, or until the old one expires, if sooner. */
  rotate(rotation: {
    readonly id: string;
    readonly replacement: KeyRecord;
    readonly overlapUntil: number;
    /** Of the key that is replaced; `precondition_failed` where it has another. */
    readonly expectedRevision?: number | undefined;
  }): Promise<void>;
  /** Notes when keys were last used, by id; never goes back in time, and unknown ids are passed over. */
  touch(uses: ReadonlyMap<string, number>): Promise<void>;
  /** Rises when keys were added or changed, by this or another process (last use aside). */
  version(): number | Promise<number>;
}
