import { GatewayError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { targetId } from "../../core/model.ts";
import type {
  Change,
  ProviderRecord,
  RegistryKind,
  RegistryObjects,
  RegistryStore,
  Revisioned,
} from "../../core/ports/registry-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { hideSecrets, restoreSecrets } from "./provider-secrets.ts";
import { allRows, change, firstRow, query } from "./query.ts";
import { fromJson } from "./tables.ts";
import { openVersion } from "./versions.ts";

const names: { readonly [Kind in RegistryKind]: (value: RegistryObjects[Kind]) => string } = {
  provider: ({ name }) => name,
  model: ({ provider, model }) => targetId(provider, model),
  override: ({ model }) => model,
  setting: ({ name }) => name,
};

// A kind and its value belong together, which the compiler does not follow: hence the casts.
const mapSettings = <Value extends object>(
  kind: RegistryKind,
  value: Value,
  map: (settings: JsonObject) => JsonObject,
): Value => (kind === "provider" ? { ...value, settings: map((value as unknown as ProviderRecord).settings) } : value);

interface Present {
  readonly revision: number;
  readonly value_json: string;
}

/** Keeps the registry's objects in a migrated database; `version` answers at once. */
export const createSqliteRegistryStore = (database: SqlDatabase): RegistryStore => {
  const version = openVersion(database, "registry");

  const find = (kind: RegistryKind, name: string): Present | undefined =>
    firstRow(
      database,
      query.selectFrom("objects").select(["revision", "value_json"]).where("kind", "=", kind).where("name", "=", name),
    );

  const load = async <Kind extends RegistryKind>(kind: Kind): Promise<readonly Revisioned<RegistryObjects[Kind]>[]> =>
    allRows(database, query.selectFrom("objects").selectAll().where("kind", "=", kind).orderBy("name")).map((row) => ({
      value: fromJson<RegistryObjects[Kind]>(row.value_json),
      revision: row.revision,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }));

  const put = <Kind extends RegistryKind>(kind: Kind, value: RegistryObjects[Kind], made: Change): number =>
    database.transaction(() => {
      const name = names[kind](value);
      const present = find(kind, name);
      expectRevision(`${kind} ${name}`, present, made);
      const restore = (settings: JsonObject) => restoreSecrets(settings, storedSettings(kind, present));
      const revision = (present?.revision ?? 0) + 1;
      const changed = { value_json: JSON.stringify(mapSettings(kind, value, restore)), revision, updated_at: made.at };
      change(
        database,
        query
          .insertInto("objects")
          .values({ kind, name, created_at: made.at, ...changed })
          .onConflict((conflict) => conflict.columns(["kind", "name"]).doUpdateSet(changed)),
      );
      version.raise();
      return revision;
    });

  const remove = (kind: RegistryKind, name: string, made: Change): void =>
    database.transaction(() => {
      const present = find(kind, name);
      if (present === undefined) throw new GatewayError("not_found", `There is no ${kind} ${name}.`);
      expectRevision(`${kind} ${name}`, present, made);
      change(database, query.deleteFrom("objects").where("kind", "=", kind).where("name", "=", name));
      version.raise();
    });

  return {
    load,
    list: async (kind) =>
      (await load(kind)).map((object) => ({ ...object, value: mapSettings(kind, object.value, hideSecrets) })),
    put: async (kind, value, made) => put(kind, value, made),
    remove: async (kind, name, made) => remove(kind, name, made),
    version: () => version.current(),
  };
};

const storedSettings = (kind: RegistryKind, present: Present | undefined): JsonObject | undefined =>
  kind === "provider" && present !== undefined ? fromJson<ProviderRecord>(present.value_json).settings : undefined;

const expectRevision = (what: string, present: Present | undefined, { expectedRevision }: Change): void => {
  if (expectedRevision === undefined || expectedRevision === (present?.revision ?? null)) return;
  const now = present === undefined ? "it does not exist" : `it is at revision ${present.revision}`;
  const expected = expectedRevision === null ? "a new name" : `revision ${expectedRevision}`;
  throw new GatewayError("conflict", `The ${what} is not as expected: ${now}, not ${expected}. Read it again.`);
};
