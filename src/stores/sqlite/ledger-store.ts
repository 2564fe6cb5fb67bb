import type { Decision } from "../../core/decision.ts";
import type { LedgerStore, UsageRow } from "../../core/ports/ledger-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { attemptsFromRows, callFromRow } from "./calls-from-rows.ts";
import { type DetailColumns, unpackDetail } from "./decision-details.ts";
import { type AttemptsTable, type CallsTable, fromJsonOrNull } from "./tables.ts";
import { matching, usageQuery } from "./usage-query.ts";

const maxPage = 1_000;

type DecidedRow = CallsTable & { readonly shared_decision: string | null } & (
    | DetailColumns
    | { readonly detail_json: null }
  );

const decisionFromRow = (row: DecidedRow): Decision | null => {
  const decision = fromJsonOrNull<Decision>(row.decision_json ?? row.shared_decision);
  return decision === null || row.detail_json === null ? decision : { ...decision, detail: unpackDetail(row) };
};

/** Reads the ledger from a migrated database. Its statements are made when they are asked for: a start needs none. */
export const createSqliteLedgerStore = (database: SqlDatabase): LedgerStore => ({
  callById: async (id) => {
    const row = database
      .prepare(
        `SELECT calls.*, json AS shared_decision, detail_json, features, user_id FROM calls
         LEFT JOIN decisions ON decisions.id = decision_id LEFT JOIN decided_calls ON call_id = calls.id
         WHERE calls.id = ?`,
      )
      .get<DecidedRow>([id]);
    if (row === undefined) return undefined;
    const attempts = database
      .prepare("SELECT * FROM separate_attempts WHERE call_id = ? ORDER BY number")
      .all<AttemptsTable>([id]);
    return {
      ...callFromRow(row),
      decision: decisionFromRow(row),
      attempts: attemptsFromRows(row, attempts),
    };
  },
  usage: async ({ groupBy, ...filter }) => {
    const { sql, parameters } = usageQuery(filter, groupBy);
    return database.prepare(sql).all<UsageRow>(parameters);
  },
  recentCalls: async ({ limit, before, ...filter }) => {
    const { sql, parameters } = matching(filter);
    const [after, cursor] =
      before === undefined ? ["", []] : [" AND (started_at, id) < (?, ?)", [before.startedAt, before.id]];
    const rows = database
      .prepare(`SELECT * FROM calls WHERE ${sql}${after} ORDER BY started_at DESC, id DESC LIMIT ?`)
      .all<CallsTable>([...parameters, ...cursor, Math.max(1, Math.min(limit, maxPage))]);
    return rows.map(callFromRow);
  },
});
