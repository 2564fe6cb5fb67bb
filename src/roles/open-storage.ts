import { shippedCatalogueDate } from "../registry/shipped-catalogue.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { createSqliteStores, type SqliteStores } from "../stores/sqlite/index.ts";
import type { DataFolder } from "./data-folder.ts";

export interface Storage extends SqliteStores {
  close(): void;
}

/**
 * Opens the database, brings it up to date and gives its stores. Throws GatewayError `storage_unavailable`, with what
 * to do, where it is damaged, newer than the program or cannot be written.
 */
export const openStorage = async (folder: DataFolder, durability: "process" | "power"): Promise<Storage> => {
  const database = openSqlite({ path: folder.database, durability });
  const stores = createSqliteStores(database);
  const imported = stores.catalogue.asOf();
  if (imported === undefined || imported < shippedCatalogueDate)
    await (await import("./seed-catalogue.ts")).seedCatalogue(stores);
  return { ...stores, close: () => database.close() };
};

/** The same for a process whose starter has just done all that: nothing is checked, changed or read in again. */
export const openMigratedStorage = (folder: DataFolder, durability: "process" | "power"): Storage => {
  const database = openSqlite({ path: folder.database, durability, checkUpToBytes: 0 });
  return { ...createSqliteStores(database), close: () => database.close() };
};
