import type { Caller } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import type { Permission } from "../core/permissions.ts";

/**
 * What a route needs. `tenant`: it shows and changes what is of the caller's tenant, or everything to the platform's own
 * callers. `platform`: it concerns all tenants, so only those may. `open`: whoever comes.
 */
export type Requirement =
  | { readonly reach: "open" }
  | { readonly reach: "tenant" | "platform"; readonly permission: Permission };

const tenant = (permission: Permission): Requirement => ({ reach: "tenant", permission });
const platform = (permission: Permission): Requirement => ({ reach: "platform", permission });
const open: Requirement = { reach: "open" };

/** Every route of every API by method and path, parameters as `{name}`. What is not in here is denied. */
export const permissionTable: ReadonlyMap<string, Requirement> = new Map([
  ["GET /healthz", open],
  ["GET /readyz", open],
  ["GET /openapi.json", open],
  ["GET /metrics", platform("metrics.read")],

  ["POST /v1/chat/completions", tenant("chat.call")],
  ["POST /v1/completions", tenant("chat.call")],
  ["POST /v1/embeddings", tenant("embeddings.call")],
  ["POST /v1/messages", tenant("chat.call")],
  ["POST /v1/messages/count_tokens", tenant("chat.call")],
  ["POST /v1/route", tenant("chat.call")],
  ["POST /v1/feedback", tenant("feedback.write")],
  ["GET /v1/models", tenant("models.read")],
  ["GET /v1/models/{id}", tenant("models.read")],

  ["GET /admin/v1/keys", tenant("keys.read")],
  ["POST /admin/v1/keys", tenant("keys.write")],
  ["GET /admin/v1/keys/{id}", tenant("keys.read")],
  ["PATCH /admin/v1/keys/{id}", tenant("keys.write")],
  ["POST /admin/v1/keys/{id}/rotate", tenant("keys.write")],
  ["POST /admin/v1/keys/{id}/revoke", tenant("keys.write")],
  ["GET /admin/v1/roles", tenant("keys.read")],

  ["GET /admin/v1/tenants", tenant("tenants.read")],
  ["POST /admin/v1/tenants", platform("tenants.write")],
  ["GET /admin/v1/tenants/{tenant}", tenant("tenants.read")],
  ["PATCH /admin/v1/tenants/{tenant}", platform("tenants.write")],
  ["DELETE /admin/v1/tenants/{tenant}", platform("tenants.write")],
  ["GET /admin/v1/tenants/{tenant}/teams", tenant("teams.read")],
  ["POST /admin/v1/tenants/{tenant}/teams", tenant("teams.write")],
  ["GET /admin/v1/tenants/{tenant}/teams/{team}", tenant("teams.read")],
  ["PATCH /admin/v1/tenants/{tenant}/teams/{team}", tenant("teams.write")],
  ["DELETE /admin/v1/tenants/{tenant}/teams/{team}", tenant("teams.write")],
  ["GET /admin/v1/tenants/{tenant}/users", tenant("users.read")],
  ["POST /admin/v1/tenants/{tenant}/users", tenant("users.write")],
  ["GET /admin/v1/tenants/{tenant}/users/{user}", tenant("users.read")],
  ["PATCH /admin/v1/tenants/{tenant}/users/{user}", tenant("users.write")],
  ["DELETE /admin/v1/tenants/{tenant}/users/{user}", tenant("users.write")],

  ["GET /admin/v1/calls", tenant("calls.read")],
  ["GET /admin/v1/calls/{id}", tenant("calls.read")],
  ["GET /admin/v1/decisions", tenant("calls.read")],
  ["GET /admin/v1/decisions/statistics", tenant("calls.read")],
  ["GET /admin/v1/decisions/backtest", tenant("calls.read")],
  ["GET /admin/v1/decisions/{id}", tenant("calls.read")],
  ["DELETE /admin/v1/learning/users/{user}", tenant("users.write")],
  ["GET /admin/v1/usage", tenant("usage.read")],
  ["GET /admin/v1/budgets", platform("usage.read")],
  ["GET /admin/v1/experiments", tenant("usage.read")],
  ["GET /admin/v1/experiments/{name}", tenant("usage.read")],
  ["GET /admin/v1/audit", tenant("audit.read")],
  ["GET /admin/v1/audit/verify", platform("audit.read")],

  ["GET /admin/v1/providers", platform("providers.read")],
  ["GET /admin/v1/providers/{name}", platform("providers.read")],
  ["PUT /admin/v1/providers/{name}", platform("providers.write")],
  ["DELETE /admin/v1/providers/{name}", platform("providers.write")],
  ["POST /admin/v1/providers/{name}/test", platform("providers.write")],
  ["GET /admin/v1/models", platform("providers.read")],
  ["GET /admin/v1/models/{provider}/{model}", platform("providers.read")],
  ["PUT /admin/v1/models/{provider}/{model}", platform("providers.write")],
  ["DELETE /admin/v1/models/{provider}/{model}", platform("providers.write")],
  ["GET /admin/v1/routes", platform("providers.read")],
  ["GET /admin/v1/routes/{name}/policy", platform("providers.read")],
  ["POST /admin/v1/routes/{name}/policy/freeze", platform("routing.write")],
  ["POST /admin/v1/routes/{name}/policy/unfreeze", platform("routing.write")],
  ["POST /admin/v1/routes/{name}/policy/rollback", platform("routing.write")],
  ["POST /admin/v1/routes/{name}/policy/promote", platform("routing.write")],

  ["GET /admin/v1/secrets", platform("secrets.read")],
  ["POST /admin/v1/secrets/rotate", platform("secrets.write")],

  ["GET /admin/v1/config", platform("configuration.read")],
  ["POST /admin/v1/reload", platform("system.reload")],
  ["GET /admin/v1/status", platform("system.read")],
]);

/** What a route needs; undefined where it is not listed. */
export const requirementOf = (method: string, path: string): Requirement | undefined =>
  permissionTable.get(`${method} ${path}`);

const administering: ReadonlySet<Permission> = new Set(
  [...permissionTable].flatMap(([route, requirement]) =>
    requirement.reach !== "open" && route.includes(" /admin/") ? [requirement.permission] : [],
  ),
);

const refusal = (reason: string): GatewayError =>
  new GatewayError("permission_denied", `${reason} Use a key that may, or ask an administrator.`);

/** Throws `permission_denied` where a caller may not use a route, and for every route that is not listed. */
export const demandPermission = (caller: Caller, requirement: Requirement | undefined): void => {
  if (requirement === undefined) throw refusal("Nobody may use this address.");
  if (requirement.reach === "open") return;
  const { permission, reach } = requirement;
  if (!caller.permissions.has(permission)) throw refusal(`This key lacks the permission '${permission}'.`);
  if (reach === "platform" && !caller.everywhere)
    throw refusal(`This key is bound to its tenant, and this address concerns all of them.`);
};

/** Throws `permission_denied` for callers that may nothing of the admin API: they are not told what is there. */
export const demandAdministration = ({ permissions }: Caller): void => {
  for (const permission of permissions) if (administering.has(permission)) return;
  throw refusal("This key may call models but not administer.");
};
