import { GatewayError } from "../../core/errors.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { createAudit } from "./migrations/create-audit.ts";
import { createCatalogue } from "./migrations/create-catalogue.ts";
import { createDirectory } from "./migrations/create-directory.ts";
import { createExperiments } from "./migrations/create-experiments.ts";
import { createIdempotency } from "./migrations/create-idempotency.ts";
import { createKeys } from "./migrations/create-keys.ts";
import { createLearning } from "./migrations/create-learning.ts";
import { createLedger } from "./migrations/create-ledger.ts";
import { createQuarantine } from "./migrations/create-quarantine.ts";
import { createRegistry } from "./migrations/create-registry.ts";
import { createSpending } from "./migrations/create-spending.ts";
import { giveKeysPriorities } from "./migrations/give-keys-priorities.ts";
import { keepSoleAttemptsWithCalls } from "./migrations/keep-sole-attempts-with-calls.ts";
import { letKeysReachEverywhere } from "./migrations/let-keys-reach-everywhere.ts";
import { noteContributions } from "./migrations/note-contributions.ts";
import { scopeKeys } from "./migrations/scope-keys.ts";
import { shareDecisions } from "./migrations/share-decisions.ts";
import { sumInFold } from "./migrations/sum-in-fold.ts";

// In order; only ever added to. The database's `user_version` counts how many it has had.
const migrations: readonly string[] = [
  createLedger,
  createKeys,
  createRegistry,
  createCatalogue,
  createIdempotency,
  createQuarantine,
  keepSoleAttemptsWithCalls,
  shareDecisions,
  createAudit,
  letKeysReachEverywhere,
  createDirectory,
  scopeKeys,
  createSpending,
  giveKeysPriorities,
  sumInFold,
  noteContributions,
  createLearning,
  createExperiments,
];
const names: readonly string[] = [
  "create-ledger",
  "create-keys",
  "create-registry",
  "create-catalogue",
  "create-idempotency",
  "create-quarantine",
  "keep-sole-attempts-with-calls",
  "share-decisions",
  "create-audit",
  "let-keys-reach-everywhere",
  "create-directory",
  "scope-keys",
  "create-spending",
  "give-keys-priorities",
  "sum-in-fold",
  "note-contributions",
  "create-learning",
  "create-experiments",
];

const appliedTo = (database: SqlDatabase): number =>
  database.prepare("PRAGMA user_version").get<{ user_version: number }>()?.user_version ?? 0;

/** The names of the steps that a database has not had. */
export const pendingMigrations = (database: SqlDatabase): readonly string[] => names.slice(appliedTo(database));

/**
 * Brings a database to the tables of this program, all steps or none; several processes may start at once. Gives how
 * many steps were taken. Throws GatewayError `storage_unavailable` where a newer program made the database.
 */
export const migrate = (database: SqlDatabase): number => {
  refuseNewer(appliedTo(database));
  if (appliedTo(database) === migrations.length) return 0;
  return database.transaction(() => {
    const applied = appliedTo(database);
    refuseNewer(applied);
    for (const migration of migrations.slice(applied)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    return migrations.length - applied;
  });
};

const refuseNewer = (applied: number): void => {
  if (applied > migrations.length)
    throw new GatewayError(
      "storage_unavailable",
      `The database was made by a newer version of this program (schema ${applied}, this one knows ` +
        `${migrations.length}). Use that version, or restore a backup from before the upgrade.`,
    );
};
