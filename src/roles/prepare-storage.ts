import type { CliRoles, LocalOptions } from "../cli/roles.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { createSqliteStores } from "../stores/sqlite/index.ts";
import { pendingMigrations } from "../stores/sqlite/migrations.ts";
import { importAct } from "./audit-acts.ts";
import { openDataFolder } from "./data-folder.ts";
import { openStorage } from "./open-storage.ts";
import { seedCatalogue } from "./seed-catalogue.ts";

/** Brings the database to this version's tables. Gives the names of the steps that were taken. */
export const migrateStorage: CliRoles["migrate"] = async (options: LocalOptions) => {
  const folder = openDataFolder(options.data, options.environment);
  const database = openSqlite({ path: folder.database });
  const applied = pendingMigrations(database);
  createSqliteStores(database);
  database.close();
  return { applied };
};

/** Reads the catalogue of models into the database. */
export const seedStorage: CliRoles["seed"] = async (options: LocalOptions) => {
  const storage = await openStorage(openDataFolder(options.data, options.environment), "process", options.environment);
  try {
    return await storage.audit.perform(importAct("local"), () => seedCatalogue(storage));
  } finally {
    storage.close();
  }
};
