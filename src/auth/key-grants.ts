import type { Caller, Role } from "../core/caller.ts";
import { defaultTenant } from "../core/default-tenant.ts";
import { GatewayError } from "../core/errors.ts";
import type { KeyProfile, KeyScope } from "../core/key-scope.ts";
import type { Permissions } from "../core/permissions.ts";
import type { DirectoryStore } from "../core/ports/directory-store.ts";
import type { KeyService, KeyView } from "../core/ports/keys.ts";
import { usualPriority } from "../core/priority.ts";
import { checkScopeWithin } from "./check-scope.ts";
import { checkStrategy } from "./check-strategy.ts";
import { joinProfiles } from "./join-profiles.ts";
import { demandRole, permissionsOf } from "./roles.ts";

export interface KeyGrantsOptions {
  readonly service: KeyService;
  readonly teams: Pick<DirectoryStore, "find">;
  /** The roles of this instant. */
  readonly roles: () => ReadonlyMap<Role, Permissions>;
  /** Names that a profile may have as its strategy. */
  readonly strategies: readonly string[];
}

/** What a key reaches: the part of it that nobody may widen beyond what he has himself. */
type Reach = Pick<KeyView, "role" | "tenant" | "team" | "everywhere" | keyof KeyScope>;

const refuse = (param: string, reason: string): never => {
  throw new GatewayError("permission_denied", `A key cannot give what it does not have: ${reason}.`, { param });
};

const changedMeanwhile = (): GatewayError =>
  new GatewayError("precondition_failed", "Somebody changed the key. Read it again.", { param: "If-Match" });

/** The fields that are to be others. */
const given = <Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const notFound = (): GatewayError =>
  new GatewayError("not_found", "There is no key with this id. List them to see which there are.");

/** Throws `permission_denied` where a key would reach further than who makes it, whatever its team says. */
const checkWithoutTeam = (caller: Caller, wanted: Reach, permissions: Permissions): void => {
  const lacking = [...permissions].filter((permission) => !caller.permissions.has(permission));
  if (lacking.length > 0) refuse("role", `the role '${wanted.role}' needs ${lacking.join(", ")}`);
  if (!caller.everywhere && wanted.everywhere) refuse("everywhere", "your own key is bound to its tenant");
  if (!caller.everywhere && wanted.tenant !== caller.tenant) refuse("tenant", "your own key is bound to its tenant");
};

/**
 * The keys as one caller sees and changes them: those of his own tenant, unless he is the platform's; and no key that is
 * made or rotated reaches further than his own. Throws `permission_denied`, and `not_found` for keys of others.
 */
export const openKeyGrants = ({
  service,
  teams,
  roles,
  strategies,
}: KeyGrantsOptions): ((caller: Caller) => KeyService) => {
  const profileOf = async (tenant: string, team: string | null): Promise<KeyProfile | null> =>
    team === null ? null : ((await teams.find("team", { tenant, id: team }))?.fields.profile ?? null);
  /** Throws `permission_denied` where a key would reach further than who makes it. */
  const checkWithin = async (caller: Caller, wanted: Reach, permissions: Permissions): Promise<void> => {
    checkWithoutTeam(caller, wanted, permissions);
    const isOfOwnTeam = wanted.tenant === caller.tenant && wanted.team === caller.team;
    // A key elsewhere with the same profile would keep that when the team's becomes stricter.
    if (!isOfOwnTeam && (await profileOf(caller.tenant, caller.team)) !== null)
      refuse("team", `the profile of your own team '${caller.team}' must hold for it`);
    const profile = joinProfiles(await profileOf(wanted.tenant, wanted.team), wanted.profile) ?? null;
    checkScopeWithin(caller, { ...wanted, profile });
  };
  return (caller) => {
    /** A key of the platform is nothing of its tenant's. */
    const isVisible = ({ tenant, everywhere }: KeyView): boolean =>
      caller.everywhere || (tenant === caller.tenant && !everywhere);
    const visible = async (id: string): Promise<KeyView> => {
      const key = await service.get(id);
      if (!isVisible(key)) throw notFound();
      return key;
    };
    return {
      list: async () => (await service.list(caller.everywhere ? {} : { tenant: caller.tenant })).filter(isVisible),
      get: visible,
      async make(specification) {
        const tenant = specification.tenant ?? caller.tenant;
        const wanted = {
          role: specification.role ?? "developer",
          tenant,
          team: specification.team ?? null,
          everywhere: specification.everywhere ?? (caller.everywhere && tenant === defaultTenant),
          routes: specification.routes ?? null,
          models: specification.models ?? null,
          allowedAddresses: specification.allowedAddresses ?? null,
          limits: specification.limits ?? null,
          profile: specification.profile ?? null,
          priority: specification.priority ?? (caller.priority === "low" ? "low" : usualPriority),
        } satisfies Reach;
        await checkWithin(caller, wanted, demandRole(roles(), wanted.role));
        checkStrategy(wanted.profile, strategies);
        return service.make({ ...specification, ...wanted });
      },
      async rotate(id, options) {
        const key = await visible(id);
        await checkWithin(caller, key, permissionsOf(roles(), key.role));
        return service.rotate(id, { ...options, expectedRevision: key.revision });
      },
      async change(id, { expectedRevision, ...change }) {
        const key = await visible(id);
        if (id === caller.keyId) refuse("id", "a key does not change itself");
        // What is judged here is what is changed there.
        if (key.revision !== expectedRevision) throw changedMeanwhile();
        // Whoever may not make the key as it is may not shape it either.
        await checkWithin(caller, key, permissionsOf(roles(), key.role));
        const wanted = { ...key, ...given(change) };
        await checkWithin(caller, wanted, demandRole(roles(), wanted.role));
        checkStrategy(wanted.profile, strategies);
        return service.change(id, { ...change, expectedRevision });
      },
      async revoke(id) {
        await visible(id);
        return service.revoke(id);
      },
    };
  };
};
