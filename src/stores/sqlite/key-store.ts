import { GatewayError } from "../../core/errors.ts";
import type { KeyRecord, KeyStore } from "../../core/ports/key-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { openDirectoryChecks } from "./directory-checks.ts";
import { later } from "./later.ts";
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
  everywhere: key.everywhere ? 1 : 0,
  user_id: key.userId,
  allowed_addresses_json: toJsonOrNull(key.allowedAddresses),
  limits_json: toJsonOrNull(key.limits),
  profile_json: toJsonOrNull(key.profile),
  priority: key.priority,
  revision: key.revision,
  last_used_at: key.lastUsedAt,
});

const fromRow = (row: KeysTable): KeyRecord => ({
  id: row.id,
  name: row.name,
  digest: row.digest,
  suffix: row.suffix,
  role: row.role,
  tenant: row.tenant,
  team: row.team,
  routes: fromJsonOrNull(row.routes_json),
  models: fromJsonOrNull(row.models_json),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  rotatedFrom: row.rotated_from,
  everywhere: row.everywhere !== 0,
  userId: row.user_id,
  allowedAddresses: fromJsonOrNull(row.allowed_addresses_json),
  limits: fromJsonOrNull(row.limits_json),
  profile: fromJsonOrNull(row.profile_json),
  priority: row.priority,
  revision: row.revision,
  lastUsedAt: row.last_used_at,
});

/** The columns are part of the type, so that a forgotten one does not compile. */
const columns = Object.keys({
  id: 0,
  name: 0,
  digest: 0,
  suffix: 0,
  role: 0,
  tenant: 0,
  team: 0,
  routes_json: 0,
  models_json: 0,
  created_at: 0,
  expires_at: 0,
  revoked_at: 0,
  rotated_from: 0,
  everywhere: 0,
  user_id: 0,
  allowed_addresses_json: 0,
  limits_json: 0,
  profile_json: 0,
  priority: 0,
  revision: 0,
  last_used_at: 0,
} satisfies Record<keyof KeysTable, 0>) as (keyof KeysTable)[];

const expectRevision = ({ id, revision }: KeyRecord, expected: number): void => {
  if (revision !== expected)
    throw new GatewayError(
      "precondition_failed",
      `The key ${id} is at revision ${revision}, not ${expected}: somebody changed it. Read it again.`,
      { param: "If-Match" },
    );
};

/** Keeps API keys in a migrated database; `byDigest` and `version` answer at once. */
export const createSqliteKeyStore = (database: SqlDatabase): KeyStore => {
  const version = openVersion(database, "keys");
  const owners = openDirectoryChecks(database);
  const findById = database.prepare("SELECT * FROM keys WHERE id = ?");
  const findByDigest = database.prepare("SELECT * FROM keys WHERE digest = ?");
  const findSuccessor = database.prepare("SELECT id FROM keys WHERE rotated_from = ?");
  const list = database.prepare("SELECT * FROM keys WHERE tenant = coalesce(?, tenant) ORDER BY created_at, id");
  const revoke = database.prepare("UPDATE keys SET revoked_at = ?, revision = revision + 1 WHERE id = ?");
  const expire = database.prepare("UPDATE keys SET expires_at = ?, revision = revision + 1 WHERE id = ?");
  const touch = database.prepare("UPDATE keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?");
  const update = later(database, `UPDATE keys SET ${columns.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`);
  const add = database.prepare(
    `INSERT INTO keys (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")}) ON CONFLICT DO NOTHING`,
  );

  const find = (id: string): KeyRecord | undefined => {
    const row = findById.get<KeysTable>([id]);
    return row === undefined ? undefined : fromRow(row);
  };
  const demand = (id: string): KeyRecord => {
    const found = find(id);
    if (found === undefined) throw new GatewayError("not_found", `There is no key with the id ${id}.`);
    return found;
  };
  const insert = (record: KeyRecord): void => {
    owners.demandOwners(record);
    const row = toRow(record);
    if (Number(add.run(columns.map((column) => row[column])).changes) === 0)
      throw new GatewayError("conflict", `There is a key with the id ${record.id} or with the same secret already.`);
    version.raise();
  };

  return {
    insert: async (record) => database.transaction(() => insert(record)),
    list: async ({ tenant } = {}) => list.all<KeysTable>([tenant ?? null]).map(fromRow),
    byId: async (id) => find(id),
    byDigest: (digest) => {
      const row = findByDigest.get<KeysTable>([digest]);
      return row === undefined ? undefined : fromRow(row);
    },
    change: async (id, change, expectedRevision) =>
      database.transaction(() => {
        const present = demand(id);
        expectRevision(present, expectedRevision);
        if (present.revokedAt !== null)
          throw new GatewayError("conflict", `The key ${id} was revoked, and stays as it is. Make a new one.`);
        const record = { ...present, ...change, revision: present.revision + 1 };
        owners.demandOwners(record);
        const row = toRow(record);
        update().run([...columns.map((column) => row[column]), id]);
        version.raise();
        return demand(id);
      }),
    revoke: async (id, at) =>
      database.transaction(() => {
        if (demand(id).revokedAt === null) {
          revoke.run([at, id]);
          version.raise();
        }
        return demand(id);
      }),
    rotate: async ({ id, replacement, overlapUntil, expectedRevision }) =>
      database.transaction(() => {
        const present = demand(id);
        if (expectedRevision !== undefined) expectRevision(present, expectedRevision);
        const { revokedAt, expiresAt } = present;
        if (revokedAt !== null)
          throw new GatewayError("conflict", `The key ${id} was revoked. Make a new key instead of rotating it.`);
        const successor = findSuccessor.get<{ id: string }>([id]);
        if (successor !== undefined)
          throw new GatewayError(
            "conflict",
            `The key ${id} was rotated already; ${successor.id} took its place. Rotate that one.`,
          );
        insert({ ...replacement, rotatedFrom: id });
        expire.run([Math.min(expiresAt ?? overlapUntil, overlapUntil), id]);
        version.raise();
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
