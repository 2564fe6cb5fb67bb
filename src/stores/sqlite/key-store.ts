import { GatewayError } from "../../core/errors.ts";
import type { KeyRecord, KeyStore } from "../../core/ports/key-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { allRows, change, firstRow, query } from "./query.ts";
import { fromJsonOrNull, type KeysTable, toJsonOrNull } from "./tables.ts";
import { openVersion } from "./versions.ts";

const toRow = (key: KeyRecord): KeysTable => ({
  id: key.id,
  name: key.name,
  digest: key.digest,
  suffix: key.suffix,
  role: key.role,
  tenant: key.tenant,
  team: key.team,
  routes_json: toJsonOrNull(key.routes),
  models_json: toJsonOrNull(key.models),
  created_at: key.createdAt,
  expires_at: key.expiresAt,
  revoked_at: key.revokedAt,
  rotated_from: key.rotatedFrom,
  last_used_at: key.lastUsedAt,
});

const fromRow = (row: KeysTable): KeyRecord => ({
  id: row.id,
  name: row.name,
  digest: row.digest,
  suffix: row.suffix,
  role: row.role as KeyRecord["role"],
  tenant: row.tenant,
  team: row.team,
  routes: fromJsonOrNull(row.routes_json),
  models: fromJsonOrNull(row.models_json),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  rotatedFrom: row.rotated_from,
  lastUsedAt: row.last_used_at,
});

/** Keeps API keys in a migrated database; `byDigest` and `version` answer at once. */
export const createSqliteKeyStore = (database: SqlDatabase): KeyStore => {
  const version = openVersion(database, "keys");
  const findByDigest = database.prepare("SELECT * FROM keys WHERE digest = ?");
  const touch = database.prepare("UPDATE keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?");

  const find = (id: string): KeyRecord | undefined => {
    const row = firstRow(database, query.selectFrom("keys").selectAll().where("id", "=", id));
    return row === undefined ? undefined : fromRow(row);
  };
  const demand = (id: string): KeyRecord => {
    const found = find(id);
    if (found === undefined) throw new GatewayError("not_found", `There is no key with the id ${id}.`);
    return found;
  };
  const insert = (record: KeyRecord): void => {
    const added = query
      .insertInto("keys")
      .values(toRow(record))
      .onConflict((conflict) => conflict.doNothing());
    if (change(database, added) === 0)
      throw new GatewayError("conflict", `There is a key with the id ${record.id} or with the same secret already.`);
    version.raise();
  };
  const update = (id: string, values: Partial<KeysTable>): void => {
    change(database, query.updateTable("keys").set(values).where("id", "=", id));
    version.raise();
  };

  return {
    insert: async (record) => database.transaction(() => insert(record)),
    list: async ({ tenant } = {}) => {
      const all = query.selectFrom("keys").selectAll().orderBy("created_at").orderBy("id");
      return allRows(database, tenant === undefined ? all : all.where("tenant", "=", tenant)).map(fromRow);
    },
    byId: async (id) => find(id),
    byDigest: (digest) => {
      const row = findByDigest.get<KeysTable>([digest]);
      return row === undefined ? undefined : fromRow(row);
    },
    revoke: async (id, at) =>
      database.transaction(() => {
        if (demand(id).revokedAt === null) update(id, { revoked_at: at });
        return demand(id);
      }),
    rotate: async ({ id, replacement, overlapUntil }) =>
      database.transaction(() => {
        const { revokedAt, expiresAt } = demand(id);
        if (revokedAt !== null)
          throw new GatewayError("conflict", `The key ${id} was revoked. Make a new key instead of rotating it.`);
        const successor = firstRow(database, query.selectFrom("keys").select("id").where("rotated_from", "=", id));
        if (successor !== undefined)
          throw new GatewayError(
            "conflict",
            `The key ${id} was rotated already; ${successor.id} took its place. Rotate that one.`,
          );
        insert({ ...replacement, rotatedFrom: id });
        update(id, { expires_at: Math.min(expiresAt ?? overlapUntil, overlapUntil) });
      }),
    touch: async (uses) => {
      if (uses.size === 0) return;
      database.transaction(() => {
        for (const [id, at] of uses) touch.run([at, id]);
      });
    },
    version: () => version.current(),
  };
};
