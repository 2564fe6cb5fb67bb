/**
 * All that somebody may be allowed. `.call`: have models answer; `.read`: see; `.write`: make, change and remove. Which
 * route needs which stands in `http/permission-table.ts`.
 */
export const permissions = [
  "chat.call",
  "embeddings.call",
  "feedback.write",
  "models.read",
  "metrics.read",
  "keys.read",
  "keys.write",
  "tenants.read",
  "tenants.write",
  "teams.read",
  "teams.write",
  "users.read",
  "users.write",
  "usage.read",
  "calls.read",
  "audit.read",
  "providers.read",
  "providers.write",
  "routing.write",
  "secrets.read",
  "secrets.write",
  "configuration.read",
  "system.read",
  "system.reload",
] as const;
export type Permission = (typeof permissions)[number];

/** What a role may; a role is no more than a name for this. */
export type Permissions = ReadonlySet<Permission>;

export const allPermissions: Permissions = new Set(permissions);
