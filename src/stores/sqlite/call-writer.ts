import type { FoldedCall } from "../../core/ports/ledger-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { attemptColumns, callColumns } from "./call-columns.ts";
import { attemptRow, callRow, type DecisionColumns, soleAttempt } from "./call-rows.ts";
import { packDetail, takeApart } from "./decision-details.ts";
import { openSharedDecisions } from "./shared-decisions.ts";
import { openSpentWriter } from "./spent-writer.ts";
import { openTrialWriter, withoutUnits } from "./trial-writer.ts";

const insertInto = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;

const detailColumns = ["call_id", "tenant", "user_id", "route", "started_at", "detail_json", "features"];

export interface CallWriter {
  /** With each transaction, before anything else. */
  begin(): void;
  /** With each transaction, after everything else. */
  end(): void;
  /** Enters a settled call; it replaces an interrupted one, never a settled one. */
  settle(call: FoldedCall): void;
  /** Enters an interrupted call unless one is known by its id. */
  interrupt(call: FoldedCall): void;
  /** To be told of every rollback. */
  forget(): void;
}

/** Writes calls with their attempts by prepared statements; inside the caller's transaction. */
export const openCallWriter = (database: SqlDatabase): CallWriter => {
  const insert = database.prepare(`${insertInto("calls", callColumns)} ON CONFLICT (id) DO NOTHING`);
  const insertAttempt = database.prepare(insertInto("separate_attempts", attemptColumns));
  const forgetInterrupted = database.prepare("DELETE FROM calls WHERE id = ? AND outcome = 'interrupted'");
  const forgetAttempts = database.prepare("DELETE FROM separate_attempts WHERE call_id = ?");

  const insertDetail = database.prepare(
    `${insertInto("decided_calls", detailColumns)} ON CONFLICT (call_id) DO NOTHING`,
  );

  const decisions = openSharedDecisions(database);
  const spent = openSpentWriter(database);
  const trials = openTrialWriter(database);

  const decisionOf = (decision: FoldedCall["decision"]): DecisionColumns => {
    if (decision === null) return { decision_json: null, decision_id: null };
    const json = typeof decision === "string" ? decision : JSON.stringify(decision);
    const id = decisions.idOf(json);
    return { decision_json: id === null ? json : null, decision_id: id };
  };

  /** False where a call is known by its id. */
  const enter = (call: FoldedCall): boolean => {
    const sole = soleAttempt(call);
    const apart = takeApart(call);
    const row = callRow(call, sole, decisionOf(withoutUnits(apart === undefined ? call.decision : apart.decision)));
    if (insert.run(Object.values(row)).changes === 0) return false;
    trials.enter(call);
    if (apart !== undefined) {
      const { detail_json, features, user_id } = packDetail(apart.detail);
      insertDetail.run([call.id, call.tenant, user_id, call.route, call.startedAt, detail_json, features]);
    }
    if (sole === undefined)
      for (const attempt of call.attempts) insertAttempt.run(Object.values(attemptRow(call.id, attempt)));
    // Last: of a call that is refused nothing must be counted.
    spent.add(call);
    return true;
  };

  return {
    begin: spent.begin,
    end: spent.write,
    settle(call) {
      if (enter(call)) return;
      spent.takeBack(call.id);
      if (forgetInterrupted.run([call.id]).changes === 0) return;
      forgetAttempts.run([call.id]);
      enter(call);
    },
    interrupt: (call) => void enter(call),
    forget: decisions.forget,
  };
};
