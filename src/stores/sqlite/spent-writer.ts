import type { FoldedCall } from "../../core/ports/ledger-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { addSpent, ofCall, readUntil, toDay } from "./spent-days.ts";

/** A row of `spent_days`. */
interface Entry {
  readonly day: number;
  readonly tenant: string;
  readonly team: string;
  readonly keyId: string;
  readonly route: string;
  readonly target: string;
  cost: number;
}

/** Keeps the sums of each day while calls are entered; inside the caller's transaction. */
export interface SpentWriter {
  /** With each transaction, before anything else. */
  begin(): void;
  /** A call was entered. Throws TypeError where it is none whose sums could be kept. */
  add(call: FoldedCall): void;
  /** An interrupted call is about to be removed, since its settlement came after all. */
  takeBack(id: string): void;
  /** With each transaction, after everything else. */
  write(): void;
}

const takeBack = addSpent(
  `SELECT ${ofCall("calls")}, attempts.target, -sum(attempts.cost) FROM calls, attempts
   WHERE calls.id = ?1 AND calls.outcome = 'interrupted' AND calls.started_at < ?2
     AND attempts.call_id = ?1 AND attempts.cost <> 0 GROUP BY attempts.target`,
);

// The tables take what is no text, and SQLite has its own idea of the day of such a time. No real call is like that.
const isWhole = ({ tenant, team, keyId, route, startedAt, attempts }: FoldedCall): boolean =>
  Number.isSafeInteger(startedAt) &&
  [tenant, team ?? "", keyId ?? "", route].every((name) => typeof name === "string") &&
  attempts.every(({ target }) => typeof target === "string");

export const openSpentWriter = (database: SqlDatabase): SpentWriter => {
  const untilOf = readUntil(database);
  const insert = database.prepare(addSpent("VALUES (?, ?, ?, ?, ?, ?, ?)"));
  const subtract = database.prepare(takeBack);
  const entries = new Map<string, Entry>();
  /** Calls that began before are to be in the sums; undefined where nobody has asked for sums yet. */
  let until: number | undefined;

  const enter = ({ day, tenant, team, keyId, route, target, cost }: Entry): void =>
    void insert.run([day, tenant, team, keyId, route, target, cost]);

  const put = (entry: Entry): void => {
    const { day, tenant, team, keyId, route, target } = entry;
    // With their lengths, so that no names can pass for others.
    const lengths = `${day} ${tenant.length} ${team.length} ${keyId.length} ${route.length} `;
    const name = lengths + tenant + team + keyId + route + target;
    const known = entries.get(name);
    if (known === undefined) entries.set(name, entry);
    else if (Number.isSafeInteger(known.cost + entry.cost)) known.cost += entry.cost;
    else {
      // The database adds what a number no longer holds.
      enter(known);
      entries.set(name, entry);
    }
  };

  return {
    begin() {
      entries.clear();
      until = untilOf();
    },
    add(call) {
      if (until === undefined || call.startedAt >= until) return;
      if (!isWhole(call)) throw new TypeError("The call has no sums that could be kept.");
      const { tenant, team, keyId, route, startedAt } = call;
      const whose = { day: toDay(startedAt), tenant, team: team ?? "", keyId: keyId ?? "", route };
      for (const { target, costPicoUsd } of call.attempts) {
        const cost = Math.round(costPicoUsd);
        if (cost !== 0) put({ ...whose, target, cost });
      }
    },
    takeBack(id) {
      if (until !== undefined) subtract.run([id, until]);
    },
    write() {
      for (const entry of entries.values()) enter(entry);
      entries.clear();
    },
  };
};
