import type { CliRoles } from "../cli/roles.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { createSqliteStores } from "../stores/sqlite/index.ts";
import { pendingMigrations } from "../stores/sqlite/migrations.ts";
import { chaos } from "./chaos.ts";
import { openDataFolder } from "./data-folder.ts";
import { inspectStorage, reportConfiguration } from "./inspect.ts";
import { openLocal } from "./local.ts";
import { openStorage, seedCatalogue } from "./open-storage.ts";
import { up } from "./up.ts";
import { verifyLedgerOf } from "./verify-ledger.ts";
import { version } from "./version.ts";

/** The program as the command line drives it. */
export const cliRoles: CliRoles = {
  version: () => version,
  up,
  openLocal,
  dataFolder: (options) => openDataFolder(options.data, options.environment).path,
  loadConfiguration: reportConfiguration,
  inspectStorage,
  verifyLedger: verifyLedgerOf,
  chaos,
  async migrate(options) {
    const folder = openDataFolder(options.data, options.environment);
    const database = openSqlite({ path: folder.database });
    const applied = pendingMigrations(database);
    createSqliteStores(database);
    database.close();
    return { applied };
  },
  async seed(options) {
    const storage = await openStorage(openDataFolder(options.data, options.environment), "process");
    try {
      return await seedCatalogue(storage);
    } finally {
      storage.close();
    }
  },
};
