import type { Role } from "../caller.ts";
import type { KeyLimit, KeyProfile } from "../key-scope.ts";
import type { Priority } from "../priority.ts";
import type { KeyChange, KeyRecord } from "./key-store.ts";

export type KeyState = "active" | "expired" | "revoked";

/** A key as people see it: all but its digest. */
export type KeyView = Omit<KeyRecord, "digest"> & { readonly state: KeyState };

/** A key that was just made; `key` is shown now and never again. */
export interface MadeKey extends KeyView {
  readonly key: string;
}

/** What a new key is to be. Absent lists and times mean no bound. */
export interface KeySpecification {
  readonly name: string;
  readonly role?: Role | undefined;
  readonly tenant?: string | undefined;
  readonly everywhere?: boolean | undefined;
  readonly team?: string | null | undefined;
  readonly userId?: string | null | undefined;
  readonly routes?: readonly string[] | null | undefined;
  readonly models?: readonly string[] | null | undefined;
  readonly allowedAddresses?: readonly string[] | null | undefined;
  readonly limits?: readonly KeyLimit[] | null | undefined;
  readonly profile?: KeyProfile | null | undefined;
  /** Absent: `normal`, or that of who makes the key, where it is lower. */
  readonly priority?: Priority | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | null | undefined;
}

/** Makes, lists, rotates and revokes keys. Gives plain data. */
export interface KeyService {
  /** Throws `invalid_value`. */
  make(specification: KeySpecification): Promise<MadeKey>;
  /** Oldest first. */
  list(filter?: { readonly tenant?: string }): Promise<readonly KeyView[]>;
  /** Throws `not_found`. */
  get(id: string): Promise<KeyView>;
  /**
   * Makes a key in another's place, with the same rights and the same time to live; the old one works for
   * `overlapSeconds` more (0 by default). Throws `not_found`, or `conflict` where the old one stands no more.
   */
  rotate(
    id: string,
    options?: { readonly overlapSeconds?: number | undefined; readonly expectedRevision?: number },
  ): Promise<MadeKey>;
  /** Throws `not_found`, `conflict` for a key that was revoked, `precondition_failed`, `invalid_value`. */
  change(
    id: string,
    change: { readonly [Field in keyof KeyChange]: KeyChange[Field] | undefined } & {
      readonly expectedRevision: number;
    },
  ): Promise<KeyView>;
  /** Ends a key at once; a second time changes nothing. Throws `not_found`. */
  revoke(id: string): Promise<KeyView>;
}
