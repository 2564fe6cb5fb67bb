import type { AddressRange } from "../core/address-range.ts";
import type { Caller } from "../core/caller.ts";
import type { KeyProfile } from "../core/key-scope.ts";
import type { Permissions } from "../core/permissions.ts";
import type { KeyRecord } from "../core/ports/key-store.ts";
import { usualPriority } from "../core/priority.ts";
import { rangesOf } from "./check-scope.ts";
import { joinProfiles } from "./join-profiles.ts";

/** A key as the hot path needs it. */
export interface KnownKey {
  readonly record: KeyRecord;
  readonly caller: Caller;
  /** Where the key may be used from; undefined: everywhere. */
  readonly addresses: readonly AddressRange[] | undefined;
}

/** What a key gets from elsewhere: from its role, and from its team. */
export interface KeySurroundings {
  readonly permissions: Permissions;
  readonly teamProfile: KeyProfile | null | undefined;
}

/** A key's record as the caller that it stands for. */
const toCaller = (record: KeyRecord, permissions: Permissions, profile: KeyProfile | undefined): Caller => ({
  tenant: record.tenant,
  team: record.team,
  keyId: record.id,
  userId: record.userId,
  role: record.role,
  permissions,
  everywhere: record.everywhere,
  routes: record.routes === null ? null : new Set(record.routes),
  models: record.models === null ? null : new Set(record.models),
  ...(record.allowedAddresses === null ? {} : { allowedAddresses: record.allowedAddresses }),
  ...(record.limits === null ? {} : { limits: record.limits }),
  ...(record.priority === usualPriority ? {} : { priority: record.priority }),
  ...(profile === undefined ? {} : { profile }),
});

export const toKnownKey = (record: KeyRecord, { permissions, teamProfile }: KeySurroundings): KnownKey => ({
  record,
  caller: toCaller(record, permissions, joinProfiles(teamProfile, record.profile)),
  addresses: record.allowedAddresses === null ? undefined : rangesOf(record.allowedAddresses),
});

const trim = (
  entries: { readonly size: number; keys(): Iterator<string>; delete(key: string): unknown },
  limit: number,
): void => {
  while (entries.size > limit) {
    const oldest = entries.keys().next();
    if (oldest.done === true) return;
    entries.delete(oldest.value);
  }
};

/**
 * What the store said of digests. Unknown ones are kept apart, so that guesses cannot push known keys out; both kinds
 * are bounded, the oldest entry goes first.
 */
export class KeyCache {
  readonly #known = new Map<string, KnownKey>();
  readonly #unknown = new Set<string>();

  constructor(readonly limit: number) {}

  /** The key, null where the store does not know the digest, undefined where the store was not asked. */
  get(digest: string): KnownKey | null | undefined {
    return this.#known.get(digest) ?? (this.#unknown.has(digest) ? null : undefined);
  }

  set(digest: string, known: KnownKey | null): void {
    if (known === null) this.#unknown.add(digest);
    else this.#known.set(digest, known);
    trim(this.#known, this.limit);
    trim(this.#unknown, this.limit);
  }

  clear(): void {
    this.#known.clear();
    this.#unknown.clear();
  }
}
