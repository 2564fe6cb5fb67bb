import { createAuditJoin, createAuditLog, headAdvancer, type OpenAuditLog } from "../audit/audit-log.ts";
import { auditSeal } from "../audit/canonical-form.ts";
import { openHeadFile } from "../audit/head-file.ts";
import type { SqlDatabase } from "../core/ports/sql.ts";
import { shippedCatalogueDate } from "../registry/shipped-catalogue.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { createSqliteAuditStore } from "../stores/sqlite/audit-store.ts";
import { createSqliteStores, type SqliteStores } from "../stores/sqlite/index.ts";
import { importAct } from "./audit-acts.ts";
import type { DataFolder } from "./data-folder.ts";

export interface Storage extends SqliteStores {
  readonly audit: OpenAuditLog;
  close(): void;
}

const openOn = (database: SqlDatabase, folder: DataFolder): Storage => {
  const parts = { store: createSqliteAuditStore(database, auditSeal), head: openHeadFile(folder.auditHead) };
  const audit = createAuditLog({ ...parts, now: systemClock.wall });
  const stores = createSqliteStores(database, createAuditJoin(systemClock.wall, headAdvancer(parts)));
  return { ...stores, audit, close: () => database.close() };
};

/**
 * Opens the database, brings it up to date and gives its stores. Throws GatewayError `storage_unavailable`, with what
 * to do, where it is damaged, newer than the program or cannot be written.
 */
export const openStorage = async (folder: DataFolder, durability: "process" | "power"): Promise<Storage> => {
  const storage = openOn(openSqlite({ path: folder.database, durability }), folder);
  const imported = storage.catalogue.asOf();
  if (imported === undefined || imported < shippedCatalogueDate) {
    const { seedCatalogue } = await import("./seed-catalogue.ts");
    await storage.audit.perform(importAct("program"), () => seedCatalogue(storage));
  }
  return storage;
};

/** The same for a process whose starter has just done all that: nothing is checked, changed or read in again. */
export const openMigratedStorage = (folder: DataFolder, durability: "process" | "power"): Storage =>
  openOn(openSqlite({ path: folder.database, durability, checkUpToBytes: 0 }), folder);
