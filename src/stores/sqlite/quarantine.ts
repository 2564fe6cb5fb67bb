import type { RefusedRecord } from "../../core/ports/ledger-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";

/** Where a record comes from. */
export interface Origin {
  readonly segment: string;
  readonly owner: string;
}

export interface Quarantine {
  /** Enters one record; where the tables refuse it, it is kept aside and what is said of it returned. */
  admit<Kind>(origin: Origin, record: Kind, enter: (record: Kind) => void): RefusedRecord | undefined;
  /** Keeps text aside that is no record at all. */
  keep(origin: Origin, text: string): RefusedRecord;
}

/** SQLite's words for a value that a table does not take; everything else (a full disk, a lock) passes with time. */
const refusals = ["SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG"];

/** Whether it is the record's fault that it could not be entered: it would fail again and again. */
export const isRefusal = (error: unknown): boolean => {
  // Fields that are not there, or are no values that a column can hold.
  if (error instanceof TypeError) return true;
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" && refusals.some((refusal) => code.startsWith(refusal));
};

const callIdOf = (record: unknown): string | null => {
  const { call, id } = record as { readonly call?: { readonly id?: unknown }; readonly id?: unknown };
  const found = call?.id ?? id;
  return typeof found === "string" ? found : null;
};

/** Keeps records that the ledger's tables refuse; inside the caller's transaction. */
export const openQuarantine = (database: SqlDatabase): Quarantine => {
  const insert = database.prepare(
    "INSERT INTO quarantine (segment, owner, call_id, reason, record) VALUES (?, ?, ?, ?, ?)",
  );
  const put = ({ segment, owner }: Origin, text: string, refused: RefusedRecord): RefusedRecord => {
    insert.run([segment, owner, refused.call, refused.reason, text]);
    return refused;
  };
  return {
    admit(origin, record, enter) {
      database.exec("SAVEPOINT record");
      try {
        enter(record);
        database.exec("RELEASE record");
        return undefined;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        database.exec("ROLLBACK TO record");
        database.exec("RELEASE record");
        const reason = error instanceof Error ? error.message : String(error);
        return put(origin, JSON.stringify(record), { call: callIdOf(record), reason });
      }
    },
    keep: (origin, text) => put(origin, text, { call: null, reason: "It is no record that this version knows." }),
  };
};
