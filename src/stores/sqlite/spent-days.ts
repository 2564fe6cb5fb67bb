import type { UnequalDay } from "../../core/ports/ledger-audit.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";

const dayMilliseconds = 86_400_000;
/** Later than any call. */
const allTime = 9_000_000_000_000_000;

/** Days since 1970. */
export const toDay = (time: number): number => Math.floor(time / dayMilliseconds);

const day = (time: string): string => `${time} / ${dayMilliseconds}`;
/** All columns that say where a call's money counts, but for the target. */
export const ofCall = (call: string): string =>
  `${day(`${call}.started_at`)}, ${call}.tenant, coalesce(${call}.team, ''), coalesce(${call}.key_id, ''), ${call}.route`;

/** Adds rows to the sums. */
export const addSpent = (rows: string): string =>
  `INSERT INTO spent_days (day, tenant, team, key_id, route, target, cost) ${rows}
   ON CONFLICT DO UPDATE SET cost = cost + excluded.cost`;

/** Calls whose attempts stand by themselves go to a target '', of no cost, so that they are seen without a second look. */
const fill = `
  ${addSpent(`SELECT ${ofCall("calls")}, iif(calls.provider IS NULL, '', calls.target), coalesce(sum(calls.attempt_cost), 0)
         FROM calls WHERE calls.started_at >= ? AND calls.started_at < ? GROUP BY 1, 2, 3, 4, 5, 6`)}`;
const fillSeparate = `
  ${addSpent(`SELECT ${ofCall("calls")}, attempts.target, sum(attempts.cost) FROM calls
         JOIN separate_attempts AS attempts ON attempts.call_id = calls.id
         WHERE calls.started_at >= ? AND calls.started_at < ? AND calls.provider IS NULL
         GROUP BY 1, 2, 3, 4, 5, 6`)}`;

/** Tells up to which time calls are in the table, in milliseconds since 1970; undefined before anybody asks for sums. */
export const readUntil = (database: SqlDatabase): (() => number | undefined) => {
  const until = database.prepare("SELECT until FROM spent_progress");
  return () => until.get<{ until: number }>()?.until;
};
const untilOf = (database: SqlDatabase): number | undefined => readUntil(database)();

const begin = (database: SqlDatabase): number => {
  const first = database.prepare("SELECT min(started_at) AS first FROM calls").get<{ first: number | null }>()?.first;
  const until = Math.floor((first ?? 0) / dayMilliseconds) * dayMilliseconds;
  database.prepare("INSERT INTO spent_progress (until) VALUES (?)").run([until]);
  return until;
};

/** Takes a stretch of time in; false where all is in. In short transactions: others write meanwhile. */
const goOn = (database: SqlDatabase): boolean =>
  database.transaction(() => {
    const from = untilOf(database) ?? begin(database);
    if (from >= allTime) return false;
    const next = database
      .prepare("SELECT min(started_at) AS next FROM calls WHERE started_at >= ?")
      .get<{ next: number | null }>([from])?.next;
    const until =
      next === null || next === undefined ? allTime : (Math.floor(next / dayMilliseconds) + 1) * dayMilliseconds;
    database.prepare(fill).run([from, until]);
    const marked = database.prepare("DELETE FROM spent_days WHERE day >= ? AND target = ''").run([toDay(from)]);
    if (Number(marked.changes) > 0) database.prepare(fillSeparate).run([from, until]);
    database.prepare("UPDATE spent_progress SET until = ?").run([until]);
    return true;
  });

/** Fills the table the first time that somebody asks for what was spent: a second or so for each 300,000 calls. */
export const fillSpentDays = (database: SqlDatabase): void => {
  if (untilOf(database) === allTime) return;
  while (goOn(database));
};

/**
 * The table held against the calls, as far as it is filled: where one says more than the other. Days before the first
 * call that is there have nothing to be compared with, since what is deleted for its age stays spent.
 */
const compare = `
WITH progress AS (SELECT coalesce(max(until), 0) AS until FROM spent_progress),
entries (day, tenant, team, key_id, route, target, spent, due) AS (
  SELECT day, tenant, team, key_id, route, target, cost, 0 FROM spent_days
  WHERE day >= (SELECT min(started_at) / ${dayMilliseconds} FROM calls)
  UNION ALL
  SELECT ${ofCall("calls")}, calls.target, 0, sum(calls.attempt_cost) FROM calls, progress
  WHERE calls.provider IS NOT NULL AND calls.started_at < progress.until GROUP BY 1, 2, 3, 4, 5, 6
  UNION ALL
  SELECT ${ofCall("calls")}, attempts.target, 0, sum(attempts.cost)
  FROM separate_attempts AS attempts JOIN calls ON calls.id = attempts.call_id, progress
  WHERE calls.started_at < progress.until GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT day, tenant, team, key_id AS keyId, route, target,
  CAST(sum(spent) AS TEXT) AS spent, CAST(sum(due) AS TEXT) AS due
FROM entries GROUP BY day, tenant, team, key_id, route, target HAVING sum(spent) <> sum(due)
ORDER BY day, tenant, team, key_id, route, target`;

interface ComparedRow extends Omit<UnequalDay, "day"> {
  readonly day: number;
}

/** Rows of the table that are not what the calls add up to; reads only. */
export const unequalDays = (database: SqlDatabase): readonly UnequalDay[] =>
  database
    .prepare(compare)
    .all<ComparedRow>()
    .map(({ day, ...row }) => ({ ...row, day: new Date(day * dayMilliseconds).toISOString().slice(0, 10) }));
