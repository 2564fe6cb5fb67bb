import { GatewayError } from "../../core/errors.ts";
import type { AuditJoin } from "../../core/ports/audit.ts";
import type { AuditPruner } from "../../core/ports/audit-pruner.ts";
import type { SpendingAnswer } from "../../core/ports/budgets.ts";
import type { CatalogueStore } from "../../core/ports/catalogue.ts";
import type { DirectoryStore } from "../../core/ports/directory-store.ts";
import type { ExperimentStore } from "../../core/ports/experiments.ts";
import type { KeyStore } from "../../core/ports/key-store.ts";
import type { LearningStore } from "../../core/ports/learning.ts";
import type { FoldStore, LedgerStore } from "../../core/ports/ledger-store.ts";
import type { RegistryStore } from "../../core/ports/registry-store.ts";
import type { SecretBox } from "../../core/ports/secret-box.ts";
import type { SecretStore } from "../../core/ports/secret-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { createSqliteAuditPruner } from "./audit-pruner.ts";
import { auditStores } from "./audited-stores.ts";
import { createSqliteCatalogueStore } from "./catalogue-store.ts";
import { createSqliteDirectoryStore } from "./directory-store.ts";
import { createSqliteExperimentStore } from "./experiment-store.ts";
import { createSqliteFoldStore } from "./fold-store.ts";
import { createSqliteKeyStore } from "./key-store.ts";
import { createSqliteLearningStore } from "./learning-store.ts";
import { createSqliteLedgerStore } from "./ledger-store.ts";
import { migrate } from "./migrations.ts";
import { createSqliteRegistryStore } from "./registry-store.ts";
import { createSqliteSecretStore } from "./secret-store.ts";
import { readSpending } from "./spending.ts";
import { openVersion } from "./versions.ts";

export { migrate } from "./migrations.ts";

/** The stores of one database. */
export interface SqliteStores {
  readonly ledger: LedgerStore;
  readonly experiments: ExperimentStore;
  readonly fold: FoldStore;
  /** What was spent, as far as the journal is folded. */
  readonly spending: (query: Parameters<typeof readSpending>[1]) => SpendingAnswer;
  readonly learning: LearningStore;
  readonly keys: KeyStore;
  readonly directory: DirectoryStore;
  readonly registry: RegistryStore;
  readonly catalogue: CatalogueStore;
  readonly secrets: SecretStore;
  readonly auditPruner: AuditPruner;
}

const refuseSecrets = (): never => {
  throw new GatewayError("internal_error", "The database was opened without what encrypts its secrets.");
};

/** For those who look at no secret and keep none. */
export const noSecrets: SecretBox = {
  close: refuseSecrets,
  open: refuseSecrets,
  move: refuseSecrets,
  masterKeyOf: () => undefined,
  newest: () => undefined,
  knows: () => false,
};

/**
 * Brings the database up to date and gives its stores; the caller closes it. With `audit`, keys, directory, registry and
 * catalogue are changed within administrative acts only, each with its row. `box` encrypts secrets. Throws as
 * {@link migrate} does.
 */
export const createSqliteStores = (database: SqlDatabase, audit?: AuditJoin, box = noSecrets): SqliteStores => {
  migrate(database);
  const administered = (on: SqlDatabase) => {
    const version = openVersion(on, "registry");
    return {
      keys: createSqliteKeyStore(on),
      directory: createSqliteDirectoryStore(on),
      registry: createSqliteRegistryStore(on, box, version),
      catalogue: createSqliteCatalogueStore(on),
      secrets: createSqliteSecretStore(on, box, version),
      auditPruner: createSqliteAuditPruner(on),
    };
  };
  return {
    ledger: createSqliteLedgerStore(database),
    experiments: createSqliteExperimentStore(database),
    fold: createSqliteFoldStore(database),
    learning: createSqliteLearningStore(database),
    spending: (query) => readSpending(database, query),
    ...(audit === undefined ? administered(database) : auditStores({ database, audit, box, open: administered })),
  };
};
