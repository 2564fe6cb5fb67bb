import { type ExpressionBuilder, type RawBuilder, sql } from "kysely";
import type { CallFilter, UsageGroup, UsageRow } from "../../core/ports/ledger-store.ts";
import { query } from "./query.ts";
import type { CallsTable, Tables } from "./tables.ts";

type CallConditions = ExpressionBuilder<Tables, "calls">;

/** The conditions of a filter, on `calls`. */
export const matching = (filter: CallFilter) => (build: CallConditions) => {
  const equal = (column: keyof CallsTable, value: string | undefined) =>
    value === undefined ? [] : [build(`calls.${column}`, "=", value)];
  return build.and([
    ...(filter.since === undefined ? [] : [build("calls.started_at", ">=", filter.since)]),
    ...(filter.until === undefined ? [] : [build("calls.started_at", "<", filter.until)]),
    ...equal("tenant", filter.tenant),
    ...equal("key_id", filter.keyId),
    ...equal("route", filter.route),
    ...equal("model", filter.model),
  ]);
};

type UsageSums = Omit<UsageRow, "group"> & { readonly group: string | null };

const groups: Record<UsageGroup, RawBuilder<string | null>> = {
  model: sql`attempts.model`,
  provider: sql`attempts.provider`,
  // The plus keeps the index on keys out of it: reading every call through an index takes four times as long.
  key: sql`+calls.key_id`,
  route: sql`calls.route`,
  tenant: sql`calls.tenant`,
  day: sql`date(calls.started_at / 1000, 'unixepoch')`,
};

const isEstimated = sql`(attempts.cost_source IN ('estimated', 'bound'))`;

/** Sums over the attempts of calls, by a property of the calls. */
const attemptsByCall = (filter: CallFilter, groupBy: UsageGroup) =>
  query
    .selectFrom("calls")
    .innerJoin("attempts", "attempts.call_id", "calls.id")
    .where((build) => matching(filter)(build as unknown as CallConditions))
    .groupBy(groups[groupBy])
    .select([
      groups[groupBy].as("of"),
      sql<number>`count(*)`.as("attempts"),
      sql<number>`sum(attempts.cost * ${isEstimated})`.as("estimatedPicoUsd"),
      sql<number>`sum(attempts.cost_source = 'unpriced')`.as("unpricedAttempts"),
    ]);

/**
 * Sums by a property of the calls. Their attempts are summed beside and joined by group, so that no call counts twice;
 * looking them up call by call takes twice as long.
 */
const byCall = (filter: CallFilter, groupBy: UsageGroup) =>
  query
    .selectFrom(
      query
        .selectFrom("calls")
        .where(matching(filter))
        .groupBy(groups[groupBy])
        .select([
          groups[groupBy].as("group"),
          sql<number>`count(*)`.as("calls"),
          sql<number>`sum(calls.outcome <> 'ok')`.as("failures"),
          sql<number>`coalesce(sum(calls.input_tokens), 0)`.as("inputTokens"),
          sql<number>`coalesce(sum(calls.output_tokens), 0)`.as("outputTokens"),
          sql<number>`sum(calls.cost)`.as("costPicoUsd"),
          sql<number>`sum(calls.charge)`.as("chargePicoUsd"),
        ])
        .as("whole"),
    )
    .leftJoin(attemptsByCall(filter, groupBy).as("parts"), (join) => join.on("parts.of", "is", sql`whole."group"`))
    .select([
      "group",
      "calls",
      sql<number>`coalesce(parts.attempts, 0)`.as("attempts"),
      "failures",
      "inputTokens",
      "outputTokens",
      "costPicoUsd",
      "chargePicoUsd",
      sql<number>`coalesce(parts."estimatedPicoUsd", 0)`.as("estimatedPicoUsd"),
      sql<number>`coalesce(parts."unpricedAttempts", 0)`.as("unpricedAttempts"),
    ]);

/** Sums over attempts, by where they went. */
const byAttempt = (filter: CallFilter, groupBy: UsageGroup) =>
  query
    .selectFrom("calls")
    .leftJoin("attempts", "attempts.call_id", "calls.id")
    .where((build) => matching(filter)(build as unknown as CallConditions))
    .groupBy(groups[groupBy])
    .select([
      groups[groupBy].as("group"),
      sql<number>`count(DISTINCT calls.id)`.as("calls"),
      sql<number>`count(attempts.number)`.as("attempts"),
      sql<number>`sum(coalesce(attempts.outcome, calls.outcome) <> 'ok')`.as("failures"),
      sql<number>`coalesce(sum(attempts.input_tokens), 0)`.as("inputTokens"),
      sql<number>`coalesce(sum(attempts.output_tokens), 0)`.as("outputTokens"),
      sql<number>`coalesce(sum(attempts.cost), 0)`.as("costPicoUsd"),
      sql<number>`coalesce(sum(attempts.cost * attempts.delivered), 0)`.as("chargePicoUsd"),
      sql<number>`coalesce(sum(attempts.cost * ${isEstimated}), 0)`.as("estimatedPicoUsd"),
      sql<number>`coalesce(sum(attempts.cost_source = 'unpriced'), 0)`.as("unpricedAttempts"),
    ]);

/** The query for sums by group: days in order, else the costliest first. */
export const usageQuery = (filter: CallFilter, groupBy: UsageGroup) => {
  const sums = groupBy === "model" || groupBy === "provider" ? byAttempt(filter, groupBy) : byCall(filter, groupBy);
  return query
    .selectFrom(sums.as("sums"))
    .selectAll()
    .orderBy(groupBy === "day" ? sql`"group"` : sql`"costPicoUsd" DESC, "calls" DESC, "group"`)
    .$castTo<UsageSums>();
};
