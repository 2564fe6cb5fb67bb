import { defaultTenant } from "../../core/default-tenant.ts";
import { GatewayError } from "../../core/errors.ts";
import type { DirectoryKind, DirectoryPlace } from "../../core/ports/directory-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";

const keysThatStand = "FROM keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)";

/** What hangs on an entry, as queries that each find one of it; `?1` is the time, `?2` the tenant, `?3` the id. */
const uses: { readonly [Kind in DirectoryKind]: Readonly<Record<string, string>> } = {
  tenant: {
    "keys that stand": `SELECT 1 ${keysThatStand.replace("?", "?1")} AND tenant = ?2 AND ?3 = ?2`,
    teams: "SELECT 1 FROM directory WHERE ?1 > 0 AND kind = 'team' AND tenant = ?2 AND ?3 = ?2",
    users: "SELECT 1 FROM directory WHERE ?1 > 0 AND kind = 'user' AND tenant = ?2 AND ?3 = ?2",
  },
  team: {
    "keys that stand": `SELECT 1 ${keysThatStand.replace("?", "?1")} AND tenant = ?2 AND team = ?3`,
    users:
      "SELECT 1 FROM directory, json_each(fields_json, '$.teams') AS teams WHERE ?1 > 0 AND kind = 'user' AND tenant = ?2 AND teams.value = ?3",
  },
  user: {
    "keys that stand": `SELECT 1 ${keysThatStand.replace("?", "?1")} AND tenant = ?2 AND user_id = ?3`,
  },
};

/** What must be there for something else to hang on it, and what must not hang on what goes. For use in a transaction. */
export const openDirectoryChecks = (database: SqlDatabase) => {
  // Prepared when they are first needed: a start needs none of them.
  const has = (sql: string, parameters: readonly unknown[]): boolean =>
    database.prepare(`${sql} LIMIT 1`).get([...parameters]) !== undefined;
  const isThere = (kind: DirectoryKind, tenant: string, id: string): boolean =>
    has("SELECT 1 FROM directory WHERE kind = ? AND tenant = ? AND id = ?", [kind, tenant, id]);
  const unknown = (kind: DirectoryKind, id: string, param: string): GatewayError =>
    new GatewayError("invalid_value", `Invalid value for '${param}': there is no ${kind} '${id}'. Make it first.`, {
      param,
    });
  const demandTenant = (tenant: string): void => {
    if (!isThere("tenant", tenant, tenant)) throw unknown("tenant", tenant, "tenant");
  };
  const demandTeam = (tenant: string, team: string, param: string): void => {
    if (!isThere("team", tenant, team)) throw unknown("team", team, param);
  };
  return {
    demandTenant,
    demandTeam,
    /** Throws `invalid_value` where a key would hang on nothing. */
    demandOwners({ tenant, team, userId }: { tenant: string; team: string | null; userId: string | null }): void {
      demandTenant(tenant);
      if (team !== null) demandTeam(tenant, team, "team");
      if (userId !== null && !isThere("user", tenant, userId)) throw unknown("user", userId, "userId");
    },
    /** Throws `conflict`. */
    refuseWhileInUse(kind: DirectoryKind, { tenant, id }: DirectoryPlace, at: number): void {
      if (kind === "tenant" && id === defaultTenant)
        throw new GatewayError("conflict", `The tenant '${defaultTenant}' is the platform's own and stays.`);
      const found = Object.entries(uses[kind]).flatMap(([what, sql]) => (has(sql, [at, tenant, id]) ? [what] : []));
      if (found.length === 0) return;
      throw new GatewayError(
        "conflict",
        `The ${kind} '${id}' still has ${found.join(" and ")}. Revoke or remove them first.`,
      );
    },
  };
};
