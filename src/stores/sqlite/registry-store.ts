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
import type { SecretBox } from "../../core/ports/secret-box.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { hideSecrets, mapSecrets, openSettings, sealSettings } from "./provider-secrets.ts";
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

/**
 * Keeps the registry's objects in a migrated database, secrets encrypted; `version` answers at once. Whoever else raises
 * that version on this connection shares it.
 */
export const createSqliteRegistryStore = (
  database: SqlDatabase,
  box: SecretBox,
  version = openVersion(database, "registry"),
): RegistryStore => {
  const findOne = database.prepare("SELECT revision, value_json FROM objects WHERE kind = ? AND name = ?");
  const findAll = database.prepare("SELECT * FROM objects WHERE kind = ? ORDER BY name");
  const write = database.prepare(
    `INSERT INTO objects (kind, name, value_json, revision, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, name) DO UPDATE SET value_json = excluded.value_json, revision = excluded.revision,
       updated_at = excluded.updated_at`,
  );
  const erase = database.prepare("DELETE FROM objects WHERE kind = ? AND name = ?");

  const find = (kind: RegistryKind, name: string): Present | undefined => findOne.get<Present>([kind, name]);

  const read = <Kind extends RegistryKind>(kind: Kind): readonly Revisioned<RegistryObjects[Kind]>[] =>
    findAll.all<ObjectsTable>([kind]).map((row) => ({
      value: fromJson<RegistryObjects[Kind]>(row.value_json),
      revision: row.revision,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }));

  /** One that cannot be decrypted is no reason to do without the others. */
  const opened = <Value extends object>(kind: RegistryKind, object: Revisioned<Value>): Revisioned<Value> => {
    const { name } = object.value as { readonly name?: string };
    try {
      const open = (settings: JsonObject) => openSettings(settings, { name: name ?? "", box });
      return { ...object, value: mapSettings(kind, object.value, open) };
    } catch (error) {
      const value = mapSettings(kind, object.value, (settings) => mapSecrets(settings, () => undefined));
      return { ...object, value, unreadable: error instanceof Error ? error.message : String(error) };
    }
  };

  const put = <Kind extends RegistryKind>(kind: Kind, value: RegistryObjects[Kind], made: Change): number =>
    database.transaction(() => {
      const name = names[kind](value);
      const present = find(kind, name);
      expectRevision(`${kind} ${name}`, present, made);
      const seal = (settings: JsonObject) =>
        sealSettings(settings, { name, stored: storedSettings(kind, present), box });
      const revision = (present?.revision ?? 0) + 1;
      const text = JSON.stringify(mapSettings(kind, value, seal));
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
    load: async (kind) => read(kind).map((object) => opened(kind, object)),
    list: async (kind) =>
      read(kind).map((object) => ({ ...object, value: mapSettings(kind, object.value, hideSecrets) })),
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
  throw new GatewayError(
    "precondition_failed",
    `The ${what} is not as expected: ${now}, not ${expected}. Somebody changed it; read it again.`,
    { param: "If-Match" },
  );
};
