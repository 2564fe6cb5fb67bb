import { randomBytes } from "node:crypto";
import type { Caller, Role } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import type { Permissions } from "../core/permissions.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Directory } from "../core/ports/directory.ts";
import type {
  DirectoryEntry,
  DirectoryFields,
  DirectoryKind,
  DirectoryPlace,
  DirectoryStore,
  TeamFields,
  UserFields,
} from "../core/ports/directory-store.ts";
import { checkTeamChange, checkUserChange } from "./check-directory-change.ts";
import { checkStrategy } from "./check-strategy.ts";
import { demandRole, permissionsOf } from "./roles.ts";

export interface DirectoryServiceOptions {
  readonly store: DirectoryStore;
  readonly clock: Clock;
  /** The roles of this instant. */
  readonly roles: () => ReadonlyMap<Role, Permissions>;
  /** Names that a team's profile may have as its strategy. */
  readonly strategies: readonly string[];
}

const newUserId = (): string => `user_${randomBytes(9).toString("base64url")}`;

const notFound = (kind: DirectoryKind): GatewayError =>
  new GatewayError("not_found", `There is no such ${kind}. List them to see which there are.`);

const refuseRole = (reason: string): never => {
  throw new GatewayError("permission_denied", `${reason}.`, { param: "role" });
};

/** Throws `permission_denied` where a user's role may what the caller may not. */
const checkRole = (caller: Caller, permissions: Permissions): void => {
  for (const permission of permissions)
    if (!caller.permissions.has(permission))
      refuseRole(`A user's role cannot be given or changed by who lacks the permission '${permission}' of it`);
};

/** Tenants, teams and users as each caller may see and change them. */
export const openDirectory = ({
  store,
  clock,
  roles,
  strategies,
}: DirectoryServiceOptions): ((caller: Caller) => Directory) => {
  const permissionsFor = (role: Role | null): Permissions => (role === null ? new Set() : permissionsOf(roles(), role));
  return (caller) => {
    const checkTenant = (kind: DirectoryKind, tenant: string): void => {
      if (!caller.everywhere && tenant !== caller.tenant) throw notFound(kind);
    };
    const get = async <Kind extends DirectoryKind>(
      kind: Kind,
      place: DirectoryPlace,
    ): Promise<DirectoryEntry<Kind>> => {
      checkTenant(kind, place.tenant);
      const entry = await store.find(kind, place);
      if (entry === undefined) throw notFound(kind);
      return entry;
    };
    /** Whoever names another external id for a user hands its role over: so what the user is now counts as well. */
    const checkUser = (id: string | undefined, before: UserFields | undefined, after: UserFields): void => {
      if (after.role !== null && after.role !== before?.role) demandRole(roles(), after.role);
      checkRole(caller, permissionsFor(before?.role ?? null));
      checkRole(caller, permissionsFor(after.role));
      if (id !== undefined && id === caller.userId && after.role !== before?.role)
        refuseRole("Nobody sets his own role");
      checkUserChange(caller, { before, after });
    };
    const checkTeam = (before: TeamFields | undefined, after: TeamFields): void => {
      // One that stands from before hinders no other change.
      if (after.profile !== before?.profile) checkStrategy(after.profile, strategies);
      checkTeamChange(caller, { before, after });
    };
    return {
      get,
      async list(kind, { tenant, after, limit }) {
        const within = kind === "tenant" ? (caller.everywhere ? undefined : caller.tenant) : tenant;
        if (kind !== "tenant" && tenant !== undefined) await get("tenant", { tenant, id: tenant });
        const last =
          after === undefined ? undefined : { tenant: kind === "tenant" ? after : (tenant ?? ""), id: after };
        // One more than is shown tells whether there are more.
        const read = await store.list(kind, { tenant: within, after: last, limit: limit + 1 });
        const entries = read.slice(0, limit);
        return { entries, next: read.length > limit ? (entries.at(-1)?.id ?? null) : null };
      },
      async create(kind, { tenant, id = newUserId(), fields }) {
        if (kind !== "tenant") await get("tenant", { tenant, id: tenant });
        if (kind === "user") checkUser(undefined, undefined, fields as UserFields);
        if (kind === "team") checkTeam(undefined, fields as TeamFields);
        return store.create(kind, { tenant, id, fields, at: clock.wall() });
      },
      async change(kind, place, { fields: given, expectedRevision }) {
        const before = await get(kind, place);
        // What is judged here is what is changed there.
        if (before.revision !== expectedRevision)
          throw new GatewayError("precondition_failed", `Somebody changed the ${kind}. Read it again.`, {
            param: "If-Match",
          });
        const fields: DirectoryFields[typeof kind] = { ...before.fields, ...given };
        if (kind === "user") checkUser(place.id, before.fields as UserFields, fields as UserFields);
        if (kind === "team") checkTeam(before.fields as TeamFields, fields as TeamFields);
        return store.change(kind, place, { fields, expectedRevision, at: clock.wall() });
      },
      async remove(kind, place, { expectedRevision }) {
        await get(kind, place);
        await store.remove(kind, place, { expectedRevision, at: clock.wall() });
      },
    };
  };
};
