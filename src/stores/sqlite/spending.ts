import type { DispatchedRecord } from "../../core/ledger.ts";
import type {
  OpenSpending,
  SpendingAnswer,
  SpendingQuestion,
  SpentAttempt,
  SpentSum,
} from "../../core/ports/budgets.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { fillSpentDays, toDay } from "./spent-days.ts";
import { fromJson } from "./tables.ts";

interface SumRow {
  readonly tenant: string | null;
  readonly team: string | null;
  readonly keyId: string | null;
  readonly route: string | null;
  readonly target: string | null;
  readonly usd: number;
  readonly pico: number;
}

const columns = { tenant: "tenant", team: "team", keyId: "key_id", route: "route", target: "target" } as const;

/** A column that is not asked for is null. */
const select = (by: SpendingQuestion["by"]): string =>
  Object.entries(columns)
    .map(([name, column]) =>
      by.includes(name as keyof typeof columns) ? `nullif(${column}, '') AS ${name}` : `NULL AS ${name}`,
    )
    .join(", ");

const sums = (database: SqlDatabase, { period, by }: SpendingQuestion): readonly SpentSum[] => {
  const until = period.end === null ? Number.MAX_SAFE_INTEGER : toDay(period.end);
  const grouped = by.length === 0 ? "" : `GROUP BY ${by.map((name) => columns[name]).join(", ")}`;
  // A sum beyond 2⁵³ would lose digits on its way here.
  const query = `SELECT ${select(by)}, sum(cost) / 1000000000000 AS usd, sum(cost) % 1000000000000 AS pico
     FROM spent_days WHERE day >= ? AND day < ? ${grouped}`;
  return database
    .prepare(query)
    .all<SumRow>([toDay(period.start), until])
    .filter(({ usd }) => usd !== null)
    .map(({ target, usd, pico, ...spender }) => ({ spender, target, usd, pico }));
};

const openCalls = (database: SqlDatabase): readonly OpenSpending[] => {
  const rows = database.prepare("SELECT record_json FROM open_dispatches ORDER BY call_id, attempt");
  const records = rows.all<{ record_json: string }>().map((row) => fromJson<DispatchedRecord>(row.record_json));
  return [...Map.groupBy(records, ({ call }) => call.id)].map(([call, dispatches]) => {
    const { tenant, team, keyId, route, startedAt } = (dispatches[0] as DispatchedRecord).call;
    const attempts = dispatches.map(({ target, worstCasePicoUsd }) => ({ target, cost: worstCasePicoUsd ?? 0 }));
    return { call, startedAt, spender: { tenant, team, keyId, route }, attempts };
  });
};

/** What was spent, as the tables have it in one moment. The journal has to be folded before. */
export const readSpending = (
  database: SqlDatabase,
  { questions, calls }: { readonly questions: readonly SpendingQuestion[]; readonly calls: readonly string[] },
): SpendingAnswer => {
  if (questions.length > 0) fillSpentDays(database);
  const isSettled = database.prepare("SELECT 1 FROM calls WHERE id = ?");
  const attempts = database.prepare("SELECT target, cost FROM attempts WHERE call_id = ? ORDER BY number");
  database.exec("BEGIN");
  try {
    return {
      sums: questions.map((question) => sums(database, question)),
      open: openCalls(database),
      settled: calls
        .filter((call) => isSettled.get([call]) !== undefined)
        .map((call) => ({ call, attempts: attempts.all<SpentAttempt>([call]) })),
      latest:
        database.prepare("SELECT max(started_at) AS latest FROM calls").get<{ latest: number | null }>()?.latest ??
        null,
    };
  } finally {
    database.exec("ROLLBACK");
  }
};
