import { parseCatalogue, shippedCatalogueDate } from "../registry/catalogue.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { createSqliteStores, type SqliteStores } from "../stores/sqlite/index.ts";
import type { DataFolder } from "./data-folder.ts";

export interface Storage extends SqliteStores {
  close(): void;
}

/** Reads the catalogue that comes with the program into the database. Gives how much there was. */
export const seedCatalogue = async ({ catalogue }: SqliteStores): Promise<{ providers: number; models: number }> => {
  const { default: shipped } = await import("../../data/catalogue/models-dev.json");
  const parsed = parseCatalogue(shipped);
  catalogue.replace(parsed, systemClock.wall());
  return { providers: new Set(parsed.models.map(({ provider }) => provider)).size, models: parsed.models.length };
};

/**
 * Opens the database, brings it up to date and gives its stores. Throws GatewayError `storage_unavailable`, with what
 * to do, where it is damaged, newer than the program or cannot be written.
 */
export const openStorage = async (folder: DataFolder, durability: "process" | "power"): Promise<Storage> => {
  const database = openSqlite({ path: folder.database, durability });
  const stores = createSqliteStores(database);
  const imported = stores.catalogue.asOf();
  if (imported === undefined || imported < shippedCatalogueDate) await seedCatalogue(stores);
  return { ...stores, close: () => database.close() };
};

/** The same for a process whose starter has just done all that: nothing is checked, changed or read in again. */
export const openMigratedStorage = (folder: DataFolder, durability: "process" | "power"): Storage => {
  const database = openSqlite({ path: folder.database, durability, checkUpToBytes: 0 });
  return { ...createSqliteStores(database), close: () => database.close() };
};
