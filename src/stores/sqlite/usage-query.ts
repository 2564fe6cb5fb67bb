import type { CallFilter, UsageGroup } from "../../core/ports/ledger-store.ts";

/** A piece of SQL and the values of its question marks, in order. */
export interface SqlPiece {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

const conditions = {
  since: "calls.started_at >= ?",
  until: "calls.started_at < ?",
  tenant: "calls.tenant = ?",
  keyId: "calls.key_id = ?",
  route: "calls.route = ?",
  model: "calls.model = ?",
} satisfies Record<keyof CallFilter, string>;

/** The conditions of a filter, on `calls`. */
export const matching = (filter: CallFilter): SqlPiece => {
  const fields = Object.keys(conditions) as (keyof CallFilter)[];
  const given = fields.filter((field) => filter[field] !== undefined);
  return {
    sql: given.length === 0 ? "TRUE" : given.map((field) => conditions[field]).join(" AND "),
    parameters: given.map((field) => filter[field]),
  };
};

const groups: Record<UsageGroup, string> = {
  model: "attempts.model",
  provider: "attempts.provider",
  // The plus keeps the index on keys out of it: reading every call through an index takes four times as long.
  key: "+calls.key_id",
  route: "calls.route",
  tenant: "calls.tenant",
  day: "date(calls.started_at / 1000, 'unixepoch')",
};

const isEstimated = "(attempts.cost_source IN ('estimated', 'bound'))";

/** Sums over the attempts of calls, by a property of the calls. */
const attemptsByCall = (where: string, groupBy: UsageGroup): string => `
  SELECT ${groups[groupBy]} AS of, count(*) AS attempts,
    sum(attempts.cost * ${isEstimated}) AS estimatedPicoUsd,
    sum(attempts.cost_source = 'unpriced') AS unpricedAttempts
  FROM calls JOIN attempts ON attempts.call_id = calls.id
  WHERE ${where} GROUP BY ${groups[groupBy]}`;

/** Sums over calls, by a property of theirs. */
const wholeCalls = (where: string, groupBy: UsageGroup): string => `
  SELECT ${groups[groupBy]} AS "group", count(*) AS calls, sum(calls.outcome <> 'ok') AS failures,
    coalesce(sum(calls.input_tokens), 0) AS inputTokens, coalesce(sum(calls.output_tokens), 0) AS outputTokens,
    sum(calls.cost) AS costPicoUsd, sum(calls.charge) AS chargePicoUsd
  FROM calls WHERE ${where} GROUP BY ${groups[groupBy]}`;

/**
 * Sums by a property of the calls. Their attempts are summed beside and joined by group, so that no call counts twice;
 * looking them up call by call takes twice as long.
 */
const byCall = ({ sql, parameters }: SqlPiece, groupBy: UsageGroup): SqlPiece => ({
  sql: `
  SELECT whole."group", calls, coalesce(parts.attempts, 0) AS attempts, failures, inputTokens, outputTokens,
    costPicoUsd, chargePicoUsd, coalesce(parts.estimatedPicoUsd, 0) AS estimatedPicoUsd,
    coalesce(parts.unpricedAttempts, 0) AS unpricedAttempts
  FROM (${wholeCalls(sql, groupBy)}) AS whole
  LEFT JOIN (${attemptsByCall(sql, groupBy)}) AS parts ON parts.of IS whole."group"`,
  parameters: [...parameters, ...parameters],
});

/** Sums over attempts, by where they went. */
const byAttempt = ({ sql, parameters }: SqlPiece, groupBy: UsageGroup): SqlPiece => ({
  sql: `
  SELECT ${groups[groupBy]} AS "group", count(DISTINCT calls.id) AS calls, count(attempts.number) AS attempts,
    sum(coalesce(attempts.outcome, calls.outcome) <> 'ok') AS failures,
    coalesce(sum(attempts.input_tokens), 0) AS inputTokens, coalesce(sum(attempts.output_tokens), 0) AS outputTokens,
    coalesce(sum(attempts.cost), 0) AS costPicoUsd,
    coalesce(sum(attempts.cost * attempts.delivered), 0) AS chargePicoUsd,
    coalesce(sum(attempts.cost * ${isEstimated}), 0) AS estimatedPicoUsd,
    coalesce(sum(attempts.cost_source = 'unpriced'), 0) AS unpricedAttempts
  FROM calls LEFT JOIN attempts ON attempts.call_id = calls.id
  WHERE ${sql} GROUP BY ${groups[groupBy]}`,
  parameters,
});

/** The query for sums by group, rows as `UsageRow`: days in order, else the costliest first. */
export const usageQuery = (filter: CallFilter, groupBy: UsageGroup): SqlPiece => {
  const sums = groupBy === "model" || groupBy === "provider" ? byAttempt : byCall;
  const { sql, parameters } = sums(matching(filter), groupBy);
  const order = groupBy === "day" ? `"group"` : `costPicoUsd DESC, calls DESC, "group"`;
  return { sql: `SELECT * FROM (${sql}) ORDER BY ${order}`, parameters };
};
