import type { AuditJoin } from "../../core/ports/audit.ts";
import type { CatalogueStore } from "../../core/ports/catalogue.ts";
import type { DirectoryStore } from "../../core/ports/directory-store.ts";
import type { KeyStore } from "../../core/ports/key-store.ts";
import type { FoldStore, LedgerStore } from "../../core/ports/ledger-store.ts";
import type { RegistryStore } from "../../core/ports/registry-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { auditStores } from "./audited-stores.ts";
import { createSqliteCatalogueStore } from "./catalogue-store.ts";
import { createSqliteDirectoryStore } from "./directory-store.ts";
import { createSqliteFoldStore } from "./fold-store.ts";
import { createSqliteKeyStore } from "./key-store.ts";
import { createSqliteLedgerStore } from "./ledger-store.ts";
import { migrate } from "./migrations.ts";
import { createSqliteRegistryStore } from "./registry-store.ts";

export { migrate } from "./migrations.ts";

/** The stores of one database. */
export interface SqliteStores {
  readonly ledger: LedgerStore;
  readonly fold: FoldStore;
  readonly keys: KeyStore;
  readonly directory: DirectoryStore;
  readonly registry: RegistryStore;
  readonly catalogue: CatalogueStore;
}

/**
 * Brings the database up to date and gives its stores; the caller closes it. With `audit`, keys, directory, registry and catalogue
 * are changed within administrative acts only, each with its row. Throws as {@link migrate} does.
 */
export const createSqliteStores = (database: SqlDatabase, audit?: AuditJoin): SqliteStores => {
  migrate(database);
  const administered = (on: SqlDatabase) => ({
    keys: createSqliteKeyStore(on),
    directory: createSqliteDirectoryStore(on),
    registry: createSqliteRegistryStore(on),
    catalogue: createSqliteCatalogueStore(on),
  });
  return {
    ledger: createSqliteLedgerStore(database),
    fold: createSqliteFoldStore(database),
    ...(audit === undefined ? administered(database) : auditStores({ database, audit, open: administered })),
  };
};
