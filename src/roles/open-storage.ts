import { createAuditJoin, createAuditLog, headAdvancer, type OpenAuditLog } from "../audit/audit-log.ts";
import { auditSeal } from "../audit/canonical-form.ts";
import { openHeadFile } from "../audit/head-file.ts";
import type { Durability } from "../core/ports/append-file.ts";
import type { SqlDatabase } from "../core/ports/sql.ts";
import { shippedCatalogueDate } from "../registry/shipped-catalogue.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { createSqliteAuditStore } from "../stores/sqlite/audit-store.ts";
import { createSqliteStores, type SqliteStores } from "../stores/sqlite/index.ts";
import { importAct } from "./audit-acts.ts";
import type { DataFolder } from "./data-folder.ts";
import { type MasterKeys, openMasterKeys, settleSecrets } from "./open-secrets.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Storage extends SqliteStores {
  readonly audit: OpenAuditLog;
  readonly masterKeys: MasterKeys;
  close(): void;
}

const openOn = (database: SqlDatabase, folder: DataFolder, environment: Environment): Storage => {
  const masterKeys = openMasterKeys(folder, environment);
  const parts = { store: createSqliteAuditStore(database, auditSeal), head: openHeadFile(folder.auditHead) };
  const audit = createAuditLog({ ...parts, now: systemClock.wall });
  const stores = createSqliteStores(database, createAuditJoin(systemClock.wall, headAdvancer(parts)), masterKeys.box);
  return { ...stores, audit, masterKeys, close: () => database.close() };
};

/** The database and its stores, whether or not its secrets can be read. Throws as {@link openStorage} does. */
export const openUnsettledStorage = (folder: DataFolder, durability: Durability, environment: Environment): Storage =>
  openOn(openSqlite({ path: folder.database, durability }), folder, environment);

/**
 * Opens the database, brings it up to date and gives its stores. Throws GatewayError `storage_unavailable`, with what
 * to do, where it is damaged, newer than the program or cannot be written, or where the master key of a secret is lost;
 * `invalid_value` for an unusable master key of the environment.
 */
export const openStorage = async (
  folder: DataFolder,
  durability: Durability,
  environment: Environment,
): Promise<Storage> => {
  const storage = openUnsettledStorage(folder, durability, environment);
  try {
    await settleSecrets(storage, storage.masterKeys, folder);
    const imported = storage.catalogue.asOf();
    if (imported === undefined || imported < shippedCatalogueDate) {
      const { seedCatalogue } = await import("./seed-catalogue.ts");
      await storage.audit.perform(importAct("program"), () => seedCatalogue(storage));
    }
    return storage;
  } catch (error) {
    storage.close();
    throw error;
  }
};

/** The same for a process whose starter has just done all that: nothing is checked, changed or read in again. */
export const openMigratedStorage = (folder: DataFolder, durability: Durability, environment: Environment): Storage =>
  openOn(openSqlite({ path: folder.database, durability, checkUpToBytes: 0 }), folder, environment);
