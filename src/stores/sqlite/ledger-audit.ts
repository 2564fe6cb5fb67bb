import type { DispatchedRecord } from "../../core/ledger.ts";
import type { AuditedCall, LedgerAudit, LedgerSnapshot, StrayAttempt } from "../../core/ports/ledger-audit.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { attemptsFromRows, callFromRow } from "./calls-from-rows.ts";
import { unequalDays } from "./spent-days.ts";
import { type AttemptsTable, type CallsTable, fromJson } from "./tables.ts";

/** Reads the ledger of a migrated database, which may be open for reading only. */
export const createSqliteLedgerAudit = (database: SqlDatabase): LedgerAudit => {
  const snapshot = openSnapshot(database);
  return {
    inspect(work) {
      // Deferred: it takes no lock that a writer would wait for.
      database.exec("BEGIN");
      try {
        return work(snapshot);
      } finally {
        database.exec("ROLLBACK");
      }
    },
  };
};

const read = (call: CallsTable, attempts: readonly AttemptsTable[]): AuditedCall => {
  try {
    return { kind: "call", call: { ...callFromRow(call), attempts: attemptsFromRows(call, attempts) } };
  } catch (error) {
    return { kind: "unreadable", id: call.id, reason: error instanceof Error ? error.message : String(error) };
  }
};

const openSnapshot = (database: SqlDatabase): LedgerSnapshot => {
  const calls = database.prepare("SELECT * FROM calls ORDER BY id");
  // In the order of the calls: reading both side by side takes a third of looking each up.
  const attempts = database.prepare("SELECT * FROM separate_attempts ORDER BY call_id, number");
  const outcome = database.prepare("SELECT outcome FROM calls WHERE id = ?");
  const strays = database.prepare(
    `SELECT call_id AS call, number FROM separate_attempts
     WHERE NOT EXISTS (SELECT 1 FROM calls WHERE calls.id = call_id) ORDER BY call_id, number`,
  );
  const dispatches = database.prepare("SELECT owner, record_json FROM open_dispatches ORDER BY call_id, attempt");
  const positions = database.prepare("SELECT segment, read_to AS offset, gaps FROM journal_segments");
  const quarantined = database.prepare("SELECT segment, call_id AS call, reason FROM quarantine ORDER BY id");

  return {
    *calls() {
      const rows = attempts.iterate<AttemptsTable>();
      let next = rows.next();
      for (const call of calls.iterate<CallsTable>()) {
        const own: AttemptsTable[] = [];
        // Those before it are of no call that there is.
        for (; next.done !== true && next.value.call_id <= call.id; next = rows.next())
          if (next.value.call_id === call.id) own.push(next.value);
        yield read(call, own);
      }
    },
    outcomeOf: (id) => outcome.get<{ outcome: string }>([id])?.outcome,
    attemptsWithoutCall: () => strays.all<StrayAttempt>(),
    openDispatches: () =>
      dispatches
        .all<{ owner: string; record_json: string }>()
        .map(({ owner, record_json: json }) => ({ owner, record: fromJson<DispatchedRecord>(json) })),
    positions: () => positions.all(),
    unequalDays: () => unequalDays(database),
    quarantined: () => quarantined.all(),
  };
};
