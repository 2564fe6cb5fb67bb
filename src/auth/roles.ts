import type { Role } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import { allPermissions, type Permission, type Permissions } from "../core/permissions.ts";

const developer: readonly Permission[] = [
  "chat.call",
  "embeddings.call",
  "feedback.write",
  "models.read",
  "metrics.read",
];
const viewer: readonly Permission[] = [
  "models.read",
  "metrics.read",
  "keys.read",
  "tenants.read",
  "teams.read",
  "users.read",
  "usage.read",
  "calls.read",
  "providers.read",
  "system.read",
];
const operator: readonly Permission[] = [
  ...developer,
  ...viewer,
  "audit.read",
  "providers.write",
  "routing.write",
  "configuration.read",
  "system.reload",
];

/** The roles that are there without any configuration. */
export const builtInRoles: ReadonlyMap<Role, Permissions> = new Map<Role, Permissions>([
  ["viewer", new Set(viewer)],
  ["developer", new Set(developer)],
  ["operator", new Set(operator)],
  ["admin", allPermissions],
]);

/** Roles of the configuration, as `auth.roles` has them. */
export type RoleSettings = Readonly<Record<string, { readonly permissions: readonly Permission[] }>>;

/** Every role that there is, those of the configuration after the program's own, which they cannot replace. */
export const rolesOf = (configured: RoleSettings): ReadonlyMap<Role, Permissions> =>
  new Map([
    ...Object.entries(configured).map(([name, role]) => [name, new Set(role.permissions)] as const),
    ...builtInRoles,
  ]);

/** What a role may. Throws `invalid_value` where there is none of this name. */
export const demandRole = (roles: ReadonlyMap<Role, Permissions>, role: Role): Permissions => {
  const found = roles.get(role);
  if (found !== undefined) return found;
  throw new GatewayError(
    "invalid_value",
    `Invalid value for 'role': there is no such role. There are ${[...roles.keys()].join(", ")}.`,
    { param: "role" },
  );
};

const nothing: Permissions = new Set();

/** What a role may. A name that stands for none any more may nothing. */
export const permissionsOf = (roles: ReadonlyMap<Role, Permissions>, role: Role): Permissions =>
  roles.get(role) ?? nothing;
