import type { CallRecord } from "../../core/ledger.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { attemptRow, callRow } from "./call-rows.ts";
import type { AttemptsTable, CallsTable } from "./tables.ts";

/** The columns are part of the type, so that a forgotten one does not compile. */
const callColumns = Object.keys({
  id: 0,
  operation: 0,
  tenant: 0,
  team: 0,
  key_id: 0,
  route: 0,
  requested_model: 0,
  streamed: 0,
  started_at: 0,
  outcome: 0,
  status: 0,
  error_code: 0,
  error_message: 0,
  duration: 0,
  first_content_after: 0,
  target: 0,
  model: 0,
  input_tokens: 0,
  output_tokens: 0,
  usage_json: 0,
  usage_source: 0,
  cost: 0,
  charge: 0,
  decision_json: 0,
} satisfies Record<keyof CallsTable, 0>) as (keyof CallsTable)[];

const attemptColumns = Object.keys({
  call_id: 0,
  number: 0,
  target: 0,
  provider: 0,
  kind: 0,
  model: 0,
  outcome: 0,
  error_code: 0,
  error_message: 0,
  upstream_status: 0,
  started_after: 0,
  headers_after: 0,
  first_content_after: 0,
  ended_after: 0,
  input_tokens: 0,
  output_tokens: 0,
  usage_json: 0,
  usage_source: 0,
  price_json: 0,
  cost: 0,
  cost_source: 0,
  delivered: 0,
} satisfies Record<keyof AttemptsTable, 0>) as (keyof AttemptsTable)[];

const insertInto = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;

export interface CallWriter {
  /** Enters a settled call; it replaces an interrupted one, never a settled one. */
  settle(call: CallRecord): void;
  /** Enters an interrupted call unless one is known by its id. */
  interrupt(call: CallRecord): void;
}

/** Writes calls with their attempts by prepared statements; inside the caller's transaction. */
export const openCallWriter = (database: SqlDatabase): CallWriter => {
  const updates = callColumns.filter((column) => column !== "id").map((column) => `${column} = excluded.${column}`);
  const insert = insertInto("calls", callColumns);
  const settle = database.prepare(
    `${insert} ON CONFLICT (id) DO UPDATE SET ${updates.join(", ")} WHERE calls.outcome = 'interrupted'`,
  );
  const interrupt = database.prepare(`${insert} ON CONFLICT (id) DO NOTHING`);
  const insertAttempt = database.prepare(insertInto("attempts", attemptColumns).replace("INSERT", "INSERT OR REPLACE"));

  const write = (statement: typeof settle, call: CallRecord): void => {
    const row = callRow(call);
    if (Number(statement.run(callColumns.map((column) => row[column])).changes) === 0) return;
    for (const attempt of call.attempts) {
      const attemptValues = attemptRow(call.id, attempt);
      insertAttempt.run(attemptColumns.map((column) => attemptValues[column]));
    }
  };
  return { settle: (call) => write(settle, call), interrupt: (call) => write(interrupt, call) };
};
