import type { Caller, Role } from "../core/caller.ts";
import { defaultTenant } from "../core/default-tenant.ts";
import { GatewayError } from "../core/errors.ts";
import type { Permissions } from "../core/permissions.ts";
import type { KeyService, KeyView } from "../core/ports/keys.ts";
import { demandRole, permissionsOf } from "./roles.ts";

export interface KeyGrantsOptions {
  readonly service: KeyService;
  /** The roles of this instant. */
  readonly roles: () => ReadonlyMap<Role, Permissions>;
}

/** What a key reaches: the part of it that nobody may widen beyond what he has himself. */
type Reach = Pick<KeyView, "role" | "tenant" | "everywhere" | "routes" | "models">;

const refuse = (param: string, reason: string): never => {
  throw new GatewayError("permission_denied", `A key cannot give what it does not have: ${reason}.`, { param });
};

const notFound = (): GatewayError =>
  new GatewayError("not_found", "There is no key with this id. List them to see which there are.");

/** A model may be named with its provider where it may be without. */
const includesModel = (models: ReadonlySet<string>, name: string): boolean =>
  models.has(name) || models.has(name.slice(name.indexOf("/") + 1));

const checkScope = ({ routes, models }: Caller, wanted: Reach): void => {
  if (routes !== null && (wanted.routes === null || !wanted.routes.every((name) => routes.has(name))))
    refuse("routes", "name routes that your own key may use");
  if (models !== null && (wanted.models === null || !wanted.models.every((name) => includesModel(models, name))))
    refuse("models", "name models that your own key may use");
  // A key for routes alone reaches no model directly; naming one would let it.
  if (models === null && routes !== null && wanted.models !== null)
    refuse("models", "your own key uses models through its routes only");
};

/** Throws `permission_denied` where a key would reach further than who makes it. */
const checkWithin = (caller: Caller, wanted: Reach, permissions: Permissions): void => {
  const lacking = [...permissions].filter((permission) => !caller.permissions.has(permission));
  if (lacking.length > 0) refuse("role", `the role '${wanted.role}' needs ${lacking.join(", ")}`);
  if (!caller.everywhere && wanted.everywhere) refuse("everywhere", "your own key is bound to its tenant");
  if (!caller.everywhere && wanted.tenant !== caller.tenant) refuse("tenant", "your own key is bound to its tenant");
  checkScope(caller, wanted);
};

/**
 * The keys as one caller sees and changes them: those of his own tenant, unless he is the platform's; and no key that is
 * made or rotated reaches further than his own. Throws `permission_denied`, and `not_found` for keys of others.
 */
export const openKeyGrants = ({ service, roles }: KeyGrantsOptions): ((caller: Caller) => KeyService) => {
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
          everywhere: specification.everywhere ?? (caller.everywhere && tenant === defaultTenant),
          routes: specification.routes ?? null,
          models: specification.models ?? null,
        } satisfies Reach;
        checkWithin(caller, wanted, demandRole(roles(), wanted.role));
        return service.make({ ...specification, ...wanted });
      },
      async rotate(id, options) {
        const key = await visible(id);
        checkWithin(caller, key, permissionsOf(roles(), key.role));
        return service.rotate(id, options);
      },
      async revoke(id) {
        await visible(id);
        return service.revoke(id);
      },
    };
  };
};
