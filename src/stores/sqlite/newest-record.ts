import type { SqlDatabase } from "../../core/ports/sql.ts";

/** When the newest record of a migrated database was written, in milliseconds since 1970; null where there is none. */
export const newestRecord = (database: SqlDatabase): number | null => {
  const row = database
    .prepare(
      `SELECT max(at) AS newest FROM (
         SELECT max(started_at) AS at FROM calls
         UNION ALL SELECT max(time) FROM (SELECT time FROM audit ORDER BY sequence DESC LIMIT 1)
         UNION ALL SELECT max(updated_at) FROM objects)`,
    )
    .get<{ newest: number | null }>();
  return row?.newest ?? null;
};
