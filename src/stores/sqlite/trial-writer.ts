import type { Assignment, Beside, Decision } from "../../core/decision.ts";
import type { FoldedCall } from "../../core/ports/ledger-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { fromJson } from "./tables.ts";

// In a decision's JSON these characters stand nowhere else: within texts, quotes are escaped.
const marks = ['"arms":{', '"beside":{'] as const;

const decisionOf = ({ decision }: FoldedCall): Decision | null => {
  if (typeof decision !== "string") return decision;
  return marks.some((mark) => decision.includes(mark)) ? fromJson<Decision>(decision) : null;
};

const failedOf = ({ outcome }: FoldedCall): number | null => {
  if (outcome === "aborted") return null;
  return outcome === "ok" ? 0 : 1;
};

const flag = (value: boolean | undefined): number | null => (value === undefined ? null : Number(value));

/** The decision as it is kept with its call: whose call it was stands in the experiment's own row, where it can be forgotten. */
export const withoutUnits = (decision: FoldedCall["decision"]): FoldedCall["decision"] => {
  const hasUnits = typeof decision === "string" ? decision.includes('"units":{') : decision?.units !== undefined;
  if (!hasUnits) return decision;
  const { units: _, ...rest } = typeof decision === "string" ? fromJson<Decision>(decision) : (decision as Decision);
  return rest;
};

export interface TrialWriter {
  /** Enters what a call means for experiments and shadows, which mostly is nothing. */
  enter(call: FoldedCall): void;
}

/** Writes the rows that experiments and shadows are judged by; inside the caller's transaction. */
export const openTrialWriter = (database: SqlDatabase): TrialWriter => {
  const insertCall = database.prepare(
    `INSERT INTO experiment_calls (experiment, started_at, call_id, arm, unit, tenant, failed, cost, duration)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const insertShadow = database.prepare(
    `INSERT INTO shadow_calls (route, started_at, call_id, shadow_id, tenant, agrees) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const judge = database.prepare(
    "UPDATE shadow_calls SET reward = ? WHERE route = ? AND started_at = ? AND call_id = ? AND shadow_id = ?",
  );

  const enterArms = (call: FoldedCall, { arms, units = {} }: Assignment): void => {
    const { id, startedAt, tenant, costPicoUsd, durationMilliseconds } = call;
    for (const [experiment, arm] of Object.entries(arms)) {
      const unit = units[experiment] ?? id;
      insertCall.run([
        ...[experiment, startedAt, id, arm, unit, tenant],
        ...[failedOf(call), costPicoUsd, durationMilliseconds],
      ]);
    }
  };
  const enterBeside = ({ id }: FoldedCall, beside: Beside): void => {
    const { kind, route, startedAt, call, tenant, agrees, shadow, reward } = beside;
    if (kind === "shadow") insertShadow.run([route, startedAt, call, id, tenant, flag(agrees)]);
    else if (reward !== undefined && shadow !== undefined) judge.run([reward, route, startedAt, call, shadow]);
  };

  return {
    enter(call) {
      const decision = decisionOf(call);
      if (decision?.arms !== undefined) enterArms(call, { arms: decision.arms, ...units(decision) });
      if (decision?.beside !== undefined) enterBeside(call, decision.beside);
    },
  };
};

const units = ({ units: known }: Decision): Pick<Assignment, "units"> => (known === undefined ? {} : { units: known });
