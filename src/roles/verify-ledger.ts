import { existsSync } from "node:fs";
import type { LocalOptions } from "../cli/roles.ts";
import { GatewayError } from "../core/errors.ts";
import type { SqlDatabase } from "../core/ports/sql.ts";
import { type LedgerReport, verifyLedger } from "../ledger/verify.ts";
import { openReadOnly, openSqlite } from "../runtime/sqlite.ts";
import { createSqliteLedgerAudit } from "../stores/sqlite/ledger-audit.ts";
import { migrate, pendingMigrations } from "../stores/sqlite/migrations.ts";
import { openDataFolder } from "./data-folder.ts";

/** Without a database the journal is held against an empty one. */
const openLedger = (path: string): SqlDatabase => {
  if (existsSync(path)) return openReadOnly({ path });
  const empty = openSqlite({ path: ":memory:" });
  migrate(empty);
  return empty;
};

/** Reconciles the ledger of a data folder, read-only. Throws GatewayError `storage_unavailable`. */
export const verifyLedgerOf = async (options: LocalOptions): Promise<LedgerReport> => {
  const folder = openDataFolder(options.data, options.environment);
  const database = openLedger(folder.database);
  try {
    if (pendingMigrations(database).length > 0)
      throw new GatewayError(
        "storage_unavailable",
        `The database ${folder.database} was made by an older version. Run \`intellirouter migrate\` first.`,
      );
    return verifyLedger({ audit: createSqliteLedgerAudit(database), directory: folder.journal });
  } finally {
    database.close();
  }
};
