import type { Role } from "../caller.ts";
import type { KeyProfile } from "../key-scope.ts";

export interface TenantFields {
  /** For people. */
  readonly name: string;
}

export interface TeamFields {
  readonly name: string;
  /** How the calls of its keys and members are routed, beside what a key says itself; absent or null: nothing of it. */
  readonly profile?: KeyProfile | null | undefined;
}

export interface UserFields {
  readonly name: string;
  readonly email: string | null;
  /** How an identity provider names the user; no two of a tenant have the same. */
  readonly externalId: string | null;
  /** What the user may within the tenant, where a token says nothing of it. */
  readonly role: Role | null;
  /** Ids of teams of the tenant. */
  readonly teams: readonly string[];
}

export interface DirectoryFields {
  tenant: TenantFields;
  team: TeamFields;
  user: UserFields;
}
export type DirectoryKind = keyof DirectoryFields;

/** Where something stands: within its tenant. A tenant stands within itself. */
export interface DirectoryPlace {
  readonly tenant: string;
  readonly id: string;
}

/** Times are milliseconds since 1970. */
export interface DirectoryEntry<Kind extends DirectoryKind> extends DirectoryPlace {
  readonly fields: DirectoryFields[Kind];
  /** From 1; each change adds one. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** When a change was made, and from which revision; absent: whatever it is. */
export interface DirectoryChange {
  readonly expectedRevision?: number | undefined;
  readonly at: number;
}

/** A page of a list, by tenant and id. */
export interface DirectoryQuery {
  readonly tenant?: string | undefined;
  /** The last entry of the page before. */
  readonly after?: DirectoryPlace | undefined;
  readonly limit: number;
}

/**
 * Keeps tenants, their teams and their users. Throws GatewayError `conflict` for an id or external id that is taken and
 * for what still has something hanging on it, `not_found`, `precondition_failed` where the expected revision is not the
 * present one, `invalid_value` for a tenant or team that is not there, `storage_unavailable`.
 */
export interface DirectoryStore {
  list<Kind extends DirectoryKind>(kind: Kind, query: DirectoryQuery): Promise<readonly DirectoryEntry<Kind>[]>;
  find<Kind extends DirectoryKind>(kind: Kind, place: DirectoryPlace): Promise<DirectoryEntry<Kind> | undefined>;
  /** The user whom an identity provider names so. */
  userByExternalId(tenant: string, externalId: string): Promise<DirectoryEntry<"user"> | undefined>;
  create<Kind extends DirectoryKind>(
    kind: Kind,
    made: DirectoryPlace & { readonly fields: DirectoryFields[Kind]; readonly at: number },
  ): Promise<DirectoryEntry<Kind>>;
  change<Kind extends DirectoryKind>(
    kind: Kind,
    place: DirectoryPlace,
    change: DirectoryChange & { readonly fields: DirectoryFields[Kind] },
  ): Promise<DirectoryEntry<Kind>>;
  remove(kind: DirectoryKind, place: DirectoryPlace, change: DirectoryChange): Promise<void>;
  /** Rises with each change, by this or another process. */
  version(): number | Promise<number>;
}
