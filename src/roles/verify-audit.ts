import { existsSync } from "node:fs";
import { auditSeal } from "../audit/canonical-form.ts";
import { openHeadFile } from "../audit/head-file.ts";
import { verifyAudit } from "../audit/verify.ts";
import type { LocalOptions } from "../cli/roles.ts";
import { GatewayError } from "../core/errors.ts";
import type { AuditReport } from "../core/ports/audit.ts";
import { openReadOnly } from "../runtime/sqlite.ts";
import { createSqliteAuditStore } from "../stores/sqlite/audit-store.ts";
import { pendingMigrations } from "../stores/sqlite/migrations.ts";
import { openDataFolder } from "./data-folder.ts";

/** A folder without a database has no rows; a head that is there all the same says that it had some. */
const noRows = { list: () => [], hashOf: () => undefined };

/** Verifies the audit log of a data folder, read-only. Throws GatewayError `storage_unavailable`. */
export const verifyAuditOf = async (options: LocalOptions): Promise<AuditReport> => {
  const folder = openDataFolder(options.data, options.environment);
  const parts = { head: openHeadFile(folder.auditHead), seal: auditSeal };
  if (!existsSync(folder.database)) return verifyAudit({ ...parts, store: noRows });
  const database = openReadOnly({ path: folder.database });
  try {
    if (pendingMigrations(database).length > 0)
      throw new GatewayError(
        "storage_unavailable",
        `The database ${folder.database} was made by an older version. Run \`intellirouter migrate\` first.`,
      );
    return await verifyAudit({ ...parts, store: createSqliteAuditStore(database, auditSeal) });
  } finally {
    database.close();
  }
};
