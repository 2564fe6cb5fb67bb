import type { CatalogueStore } from "../../core/ports/catalogue.ts";
import type { KeyStore } from "../../core/ports/key-store.ts";
import type { FoldStore, LedgerStore } from "../../core/ports/ledger-store.ts";
import type { RegistryStore } from "../../core/ports/registry-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { createSqliteCatalogueStore } from "./catalogue-store.ts";
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
  readonly registry: RegistryStore;
  readonly catalogue: CatalogueStore;
}

/** Brings the database up to date and gives its stores; the caller closes it. Throws as {@link migrate} does. */
export const createSqliteStores = (database: SqlDatabase): SqliteStores => {
  migrate(database);
  return {
    ledger: createSqliteLedgerStore(database),
    fold: createSqliteFoldStore(database),
    keys: createSqliteKeyStore(database),
    registry: createSqliteRegistryStore(database),
    catalogue: createSqliteCatalogueStore(database),
  };
};
