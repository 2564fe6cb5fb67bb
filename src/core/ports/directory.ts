import type { DirectoryEntry, DirectoryFields, DirectoryKind, DirectoryPlace } from "./directory-store.ts";

/** A page of a list, and where the next one begins; null where there is none. */
export interface DirectoryPage<Kind extends DirectoryKind> {
  readonly entries: readonly DirectoryEntry<Kind>[];
  readonly next: string | null;
}

/**
 * Tenants, teams and users as one caller may see and change them. What is of another tenant is `not_found`. Throws
 * `permission_denied` for a role that the caller has not himself, else as the store.
 */
export interface Directory {
  /** `tenant`: whose teams or users; of tenants it is left out. `after` is what an earlier page gave as `next`. */
  list<Kind extends DirectoryKind>(
    kind: Kind,
    query: { readonly tenant?: string; readonly after?: string | undefined; readonly limit: number },
  ): Promise<DirectoryPage<Kind>>;
  get<Kind extends DirectoryKind>(kind: Kind, place: DirectoryPlace): Promise<DirectoryEntry<Kind>>;
  /** An absent id is made. */
  create<Kind extends DirectoryKind>(
    kind: Kind,
    made: { readonly tenant: string; readonly id?: string; readonly fields: DirectoryFields[Kind] },
  ): Promise<DirectoryEntry<Kind>>;
  /** Fields that are left out stay as they are. */
  change<Kind extends DirectoryKind>(
    kind: Kind,
    place: DirectoryPlace,
    change: { readonly fields: Partial<DirectoryFields[Kind]>; readonly expectedRevision: number },
  ): Promise<DirectoryEntry<Kind>>;
  remove(
    kind: DirectoryKind,
    place: DirectoryPlace,
    change: { readonly expectedRevision?: number | undefined },
  ): Promise<void>;
}
