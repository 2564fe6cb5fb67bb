import type { CallRecord } from "../../core/ledger.ts";
import type { LedgerStore, UsageRow } from "../../core/ports/ledger-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { attemptFromRow, callFromRow } from "./call-rows.ts";
import { allRows, firstRow, query } from "./query.ts";
import { fromJsonOrNull } from "./tables.ts";
import { matching, usageQuery } from "./usage-query.ts";

const maxPage = 1_000;

/** Reads the ledger from a migrated database. */
export const createSqliteLedgerStore = (database: SqlDatabase): LedgerStore => ({
  callById: async (id) => {
    const row = firstRow(database, query.selectFrom("calls").selectAll().where("id", "=", id));
    if (row === undefined) return undefined;
    const attempts = allRows(
      database,
      query.selectFrom("attempts").selectAll().where("call_id", "=", id).orderBy("number"),
    );
    return {
      ...callFromRow(row),
      decision: fromJsonOrNull<NonNullable<CallRecord["decision"]>>(row.decision_json),
      attempts: attempts.map(attemptFromRow),
    };
  },
  usage: async ({ groupBy, ...filter }): Promise<readonly UsageRow[]> => allRows(database, usageQuery(filter, groupBy)),
  recentCalls: async ({ limit, before, ...filter }) => {
    const rows = allRows(
      database,
      query
        .selectFrom("calls")
        .selectAll()
        .where(matching(filter))
        .$if(before !== undefined, (built) =>
          built.where((build) =>
            build(build.refTuple("started_at", "id"), "<", build.tuple(before?.startedAt ?? 0, before?.id ?? "")),
          ),
        )
        .orderBy("started_at", "desc")
        .orderBy("id", "desc")
        .limit(Math.max(1, Math.min(limit, maxPage))),
    );
    return rows.map(callFromRow);
  },
});
