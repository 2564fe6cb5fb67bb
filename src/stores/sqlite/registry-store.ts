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
import { fromJson, type ObjectsTable } from "./tables.ts";
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

type Present = Pick<ObjectsTable, "revision" | "value_json">;

/** Keeps the registry's objects in a migrated database; `version` answers at once. */
export const createSqliteRegistryStore = (database: SqlDatabase): RegistryStore => {
  const version = openVersion(database, "registry");

  const findOne = database.prepare("SELECT revision, value_json FROM objects WHERE kind = ? AND name = ?");
  const findAll = database.prepare("SELECT * FROM objects WHERE kind = ? ORDER BY name");
  const write = database.prepare(
    `INSERT INTO objects (kind, name, value_json, revision, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, name) DO UPDATE SET value_json = excluded.value_json, revision = excluded.revision,
       updated_at = excluded.updated_at`,
  );
  const erase = database.prepare("DELETE FROM objects WHERE kind = ? AND name = ?");

  const find = (kind: RegistryKind, name: string): Present | undefined => findOne.get<Present>([kind, name]);

  const load = async <Kind extends RegistryKind>(kind: Kind): Promise<readonly Revisioned<RegistryObjects[Kind]>[]> =>
    findAll.all<ObjectsTable>([kind]).map((row) => ({
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
      const text = JSON.stringify(mapSettings(kind, value, restore));
      write.run([kind, name, text, revision, made.at, made.at]);
      version.raise();
      return revision;
    });

  const remove = (kind: RegistryKind, name: string, made: Change): void =>
    database.transaction(() => {
      const present = find(kind, name);
      if (present === undefined) throw new GatewayError("not_found", `There is no ${kind} ${name}.`);
      expectRevision(`${kind} ${name}`, present, made);
      erase.run([kind, name]);
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
