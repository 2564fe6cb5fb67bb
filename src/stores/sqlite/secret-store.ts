import type { JsonObject } from "../../core/json.ts";
import type { ProviderRecord } from "../../core/ports/registry-store.ts";
import type { SecretBox } from "../../core/ports/secret-box.ts";
import type { SecretStore, StoredSecret } from "../../core/ports/secret-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { mapSecrets, placeIn } from "./provider-secrets.ts";
import { fromJson } from "./tables.ts";
import { openVersion } from "./versions.ts";

interface Row {
  readonly name: string;
  readonly value_json: string;
}

/** The secrets of all objects of a migrated database. */
export const createSqliteSecretStore = (
  database: SqlDatabase,
  box: SecretBox,
  registry = openVersion(database, "registry"),
): SecretStore => {
  /** Raised once nothing that stood as text is in the file any more. */
  const traces = openVersion(database, "secrets");
  const findAll = database.prepare("SELECT name, value_json FROM objects WHERE kind = 'provider' ORDER BY name");
  const write = database.prepare("UPDATE objects SET value_json = ? WHERE kind = 'provider' AND name = ?");
  const rise = database.prepare("UPDATE objects SET revision = revision + 1 WHERE kind = 'provider' AND name = ?");

  const providers = () =>
    findAll.all<Row>().map(({ name, value_json }) => ({ name, record: fromJson<ProviderRecord>(value_json) }));

  const list = (): readonly StoredSecret[] => {
    const found: StoredSecret[] = [];
    for (const { name, record } of providers())
      mapSecrets(record.settings, (value) => {
        found.push({ provider: name, masterKey: box.masterKeyOf(value) ?? null });
        return value;
      });
    return found;
  };

  const replace = (name: string, record: ProviderRecord, settings: JsonObject): void =>
    void write.run([JSON.stringify({ ...record, settings }), name]);

  return {
    list,
    reseal: (prepare) =>
      database.transaction(() => {
        prepare?.();
        const newest = box.newest();
        let [encrypted, moved] = [0, 0];
        for (const { name, record } of providers()) {
          const settings = mapSecrets(record.settings, (value, path) => {
            const masterKey = box.masterKeyOf(value);
            if (masterKey !== undefined && masterKey === newest) return value;
            if (masterKey === undefined) encrypted += 1;
            else moved += 1;
            const place = placeIn(name)(path);
            return masterKey === undefined ? box.close(value, place) : box.move(value, place);
          });
          replace(name, record, settings);
        }
        return { encrypted, moved };
      }),
    forget: () =>
      database.transaction(() => {
        const forgotten = new Set<string>();
        for (const { name, record } of providers()) {
          const settings = mapSecrets(record.settings, (value) => {
            const masterKey = box.masterKeyOf(value);
            if (masterKey === undefined || box.knows(masterKey)) return value;
            forgotten.add(name);
            return undefined;
          });
          if (!forgotten.has(name)) continue;
          replace(name, record, settings);
          rise.run([name]);
        }
        if (forgotten.size > 0) registry.raise();
        return [...forgotten];
      }),
    underLock: (work) => database.transaction(() => work(new Set(list().flatMap(({ masterKey }) => masterKey ?? [])))),
    mayHoldTraces: () => traces.current() === 0 && registry.current() > 0,
    removeTraces() {
      if (traces.current() > 0) return;
      if (registry.current() > 0) {
        database.exec("VACUUM");
        database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      }
      database.transaction(() => traces.raise());
    },
  };
};
