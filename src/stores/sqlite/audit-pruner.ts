import type { JsonObject } from "../../core/json.ts";
import type { AuditPruner } from "../../core/ports/audit-pruner.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { keepRows } from "./migrations/create-audit.ts";

interface First {
  readonly sequence: number;
  readonly previous_hash: string;
}

/** Where the rows begin, as an `audit.prune` tells it. */
export const readAuditBeginning = (database: SqlDatabase) => (): JsonObject | null => {
  const first = database.prepare("SELECT sequence, previous_hash FROM audit ORDER BY sequence LIMIT 1").get<First>();
  return first === undefined ? null : { firstRow: first.sequence, hashBefore: first.previous_hash };
};

/** The pruner of a migrated database. */
export const createSqliteAuditPruner = (database: SqlDatabase): AuditPruner => {
  /**
   * Rows are in the order of their sequence, and mostly of their time: where a clock went back, a younger row in between
   * keeps the older ones behind it. The newest row stays, since the next one goes on from it.
   */
  const lastBefore = (time: number): number =>
    database
      .prepare(
        `SELECT coalesce((SELECT min(sequence) FROM audit WHERE time >= ?), (SELECT max(sequence) FROM audit), 1) - 1
           AS last`,
      )
      .get<{ last: number }>([time])?.last ?? 0;
  const countUpTo = (last: number): number =>
    database.prepare("SELECT count(*) AS rows FROM audit WHERE sequence <= ?").get<{ rows: number }>([last])?.rows ?? 0;
  return {
    countBefore: (time) => countUpTo(lastBefore(time)),
    pruneBefore: (time) =>
      database.transaction(() => {
        database.exec("DROP TRIGGER audit_keeps_rows");
        database.prepare("DELETE FROM audit WHERE sequence <= ?").run([lastBefore(time)]);
        database.exec(keepRows);
      }),
  };
};
