import { GatewayError } from "../../core/errors.ts";
import type {
  DirectoryChange,
  DirectoryEntry,
  DirectoryFields,
  DirectoryKind,
  DirectoryPlace,
  DirectoryStore,
  UserFields,
} from "../../core/ports/directory-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { openDirectoryChecks } from "./directory-checks.ts";
import { later } from "./later.ts";
import { type DirectoryTable, fromJson } from "./tables.ts";
import { openVersion } from "./versions.ts";

const toEntry = <Kind extends DirectoryKind>(row: DirectoryTable): DirectoryEntry<Kind> => ({
  tenant: row.tenant,
  id: row.id,
  fields: fromJson<DirectoryFields[Kind]>(row.fields_json),
  revision: row.revision,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const notFound = (kind: DirectoryKind, { id }: DirectoryPlace): GatewayError =>
  new GatewayError("not_found", `There is no ${kind} '${id}'. List them to see which there are.`);

const expectRevision = (kind: DirectoryKind, present: number, { expectedRevision }: DirectoryChange): void => {
  if (expectedRevision === undefined || expectedRevision === present) return;
  throw new GatewayError(
    "precondition_failed",
    `The ${kind} is at revision ${present}, not ${expectedRevision}: somebody changed it. Read it again.`,
    { param: "If-Match" },
  );
};

/** Keeps tenants, teams and users in a migrated database. */
export const createSqliteDirectoryStore = (database: SqlDatabase): DirectoryStore => {
  const version = openVersion(database, "directory");
  const checks = openDirectoryChecks(database);
  const findOne = later(database, "SELECT * FROM directory WHERE kind = ? AND tenant = ? AND id = ?");
  const findExternal = later(
    database,
    "SELECT * FROM directory WHERE kind = 'user' AND tenant = ? AND json_extract(fields_json, '$.externalId') = ?",
  );
  const listAll = later(
    database,
    "SELECT * FROM directory WHERE kind = ? AND (tenant, id) > (?, ?) ORDER BY tenant, id LIMIT ?",
  );
  const listTenant = later(
    database,
    "SELECT * FROM directory WHERE kind = ? AND tenant = ? AND id > ? ORDER BY id LIMIT ?",
  );
  const insert = later(database, "INSERT INTO directory VALUES (?, ?, ?, ?, 1, ?, ?) ON CONFLICT DO NOTHING");
  const update = later(
    database,
    "UPDATE OR IGNORE directory SET fields_json = ?, revision = revision + 1, updated_at = ? WHERE kind = ? AND tenant = ? AND id = ?",
  );
  const erase = later(database, "DELETE FROM directory WHERE kind = ? AND tenant = ? AND id = ?");

  const find = <Kind extends DirectoryKind>(kind: Kind, place: DirectoryPlace): DirectoryEntry<Kind> | undefined => {
    const row = findOne().get<DirectoryTable>([kind, place.tenant, place.id]);
    return row === undefined ? undefined : toEntry(row);
  };
  const demand = <Kind extends DirectoryKind>(kind: Kind, place: DirectoryPlace): DirectoryEntry<Kind> => {
    const entry = find(kind, place);
    if (entry === undefined) throw notFound(kind, place);
    return entry;
  };
  const taken = (kind: DirectoryKind): GatewayError =>
    new GatewayError("conflict", `There is a ${kind} with this id or this external id already.`);
  const checkFields = (kind: DirectoryKind, tenant: string, fields: DirectoryFields[DirectoryKind]): void => {
    if (kind === "user") for (const team of (fields as UserFields).teams) checks.demandTeam(tenant, team, "teams");
  };

  return {
    list: async (kind, { tenant, after, limit }) =>
      (tenant === undefined
        ? listAll().all<DirectoryTable>([kind, after?.tenant ?? "", after?.id ?? "", limit])
        : listTenant().all<DirectoryTable>([kind, tenant, after?.id ?? "", limit])
      ).map(toEntry) as never,
    find: async (kind, place) => find(kind, place),
    userByExternalId: async (tenant, externalId) => {
      const row = findExternal().get<DirectoryTable>([tenant, externalId]);
      return row === undefined ? undefined : toEntry(row);
    },
    create: async (kind, { tenant, id, fields, at }) =>
      database.transaction(() => {
        if (kind !== "tenant") checks.demandTenant(tenant);
        checkFields(kind, tenant, fields);
        if (Number(insert().run([kind, tenant, id, JSON.stringify(fields), at, at]).changes) === 0) throw taken(kind);
        version.raise();
        return demand(kind, { tenant, id });
      }),
    change: async (kind, place, { fields, ...change }) =>
      database.transaction(() => {
        expectRevision(kind, demand(kind, place).revision, change);
        checkFields(kind, place.tenant, fields);
        const { changes } = update().run([JSON.stringify(fields), change.at, kind, place.tenant, place.id]);
        if (Number(changes) === 0) throw taken(kind);
        version.raise();
        return demand(kind, place);
      }),
    remove: async (kind, place, change) =>
      database.transaction(() => {
        expectRevision(kind, demand(kind, place).revision, change);
        checks.refuseWhileInUse(kind, place, change.at);
        erase().run([kind, place.tenant, place.id]);
        version.raise();
      }),
    version: () => version.current(),
  };
};
