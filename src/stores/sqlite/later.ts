import type { SqlDatabase, SqlStatement } from "../../core/ports/sql.ts";

/** A statement that is prepared when it is first needed: a start needs none of them, nor may its table be there yet. */
export const later = (database: SqlDatabase, sql: string): (() => SqlStatement) => {
  let statement: SqlStatement | undefined;
  return () => {
    statement ??= database.prepare(sql);
    return statement;
  };
};
