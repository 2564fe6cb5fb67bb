import type { ArmSums, ExperimentStore, ShadowSums, TrialFilter, UnitSums } from "../../core/ports/experiments.ts";
import { rewardSources } from "../../core/ports/learning.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import type { SqlPiece } from "./usage-query.ts";

const conditions = {
  tenant: "trial.tenant = ?",
  since: "trial.started_at >= ?",
  until: "trial.started_at < ?",
} satisfies Record<keyof TrialFilter, string>;

const matching = (filter: TrialFilter): SqlPiece => {
  const given = (Object.keys(conditions) as (keyof TrialFilter)[]).filter((field) => filter[field] !== undefined);
  return {
    sql: given.map((field) => ` AND ${conditions[field]}`).join(""),
    parameters: given.map((field) => filter[field]),
  };
};

const trust = `CASE source ${rewardSources.map((source, rank) => `WHEN '${source}' THEN ${rank}`).join(" ")} END`;
/** As `observedReward` of the core: what those say who are trusted most, each counted once. */
const reward = `(
  SELECT avg(word) FROM (
    SELECT avg(said.reward) AS word FROM feedback AS said
    WHERE said.call_id = trial.call_id AND said.source = (
      SELECT source FROM feedback WHERE call_id = trial.call_id ORDER BY ${trust} LIMIT 1
    ) GROUP BY said.giver
  ))`;

/** The outcomes of one call, null where it has none. */
const outcomes = {
  reward,
  cost: "trial.cost / 1e12",
  latency: "CASE WHEN trial.failed = 0 THEN trial.duration END",
  errors: "trial.failed",
};
type Outcome = keyof typeof outcomes;
const names = Object.keys(outcomes) as Outcome[];

/** Sums of one outcome over units, from `y_…` and `n_…` of each unit. */
const unitSums = (name: string): string => `
  sum(n_${name} > 0) AS units_${name}, sum(n_${name}) AS calls_${name}, sum(y_${name}) AS sum_${name},
  sum(y_${name} * y_${name}) AS squares_${name}, sum(y_${name} * n_${name}) AS products_${name},
  sum(n_${name} * n_${name}) AS callSquares_${name}`;

const ofUnit = (name: string): string => `count(${name}) AS n_${name}, coalesce(sum(${name}), 0.0) AS y_${name}`;

type Row = Readonly<Record<string, number | string | null>>;

const readSums = (row: Row, name: string): UnitSums => {
  const read = (field: string): number => Number(row[`${field}_${name}`] ?? 0);
  return {
    units: read("units"),
    calls: read("calls"),
    sum: read("sum"),
    squares: read("squares"),
    products: read("products"),
    callSquares: read("callSquares"),
  };
};

const armQuery = (where: string): string => `
  SELECT arm, count(*) AS units, sum(n) AS calls, ${names.map(unitSums).join(", ")} FROM (
    SELECT arm, unit, count(*) AS n, ${names.map(ofUnit).join(", ")} FROM (
      SELECT arm, unit, ${names.map((name) => `${outcomes[name]} AS ${name}`).join(", ")}
      FROM experiment_calls AS trial WHERE trial.experiment = ?${where}
    ) GROUP BY arm, unit
  ) GROUP BY arm ORDER BY arm`;

/** Differences of one pair, the shadow's less the client's; null where there is none to make. */
const differences = {
  cost: "(shadow.cost - served.cost) / 1e12",
  latency: "CASE WHEN shadow.outcome = 'ok' AND served.outcome = 'ok' THEN shadow.duration - served.duration END",
  errors: "CASE WHEN shadow.outcome = 'aborted' THEN NULL ELSE shadow.outcome <> 'ok' END",
  agreement: "trial.agrees",
  judged: "trial.reward",
} as const;
type Difference = keyof typeof differences;
const differenceNames = Object.keys(differences) as Difference[];

const shadowQuery = (where: string): string => `
  SELECT count(*) AS pairs, coalesce(sum(served_usd), 0) AS servedUsd, coalesce(sum(shadow_usd), 0) AS shadowUsd,
    ${differenceNames.map(unitSums).join(", ")} FROM (
    SELECT served_usd, shadow_usd,
      ${differenceNames.map((name) => `${name} IS NOT NULL AS n_${name}, coalesce(${name}, 0.0) AS y_${name}`).join(", ")}
    FROM (
      SELECT served.cost / 1e12 AS served_usd, shadow.cost / 1e12 AS shadow_usd,
        ${differenceNames.map((name) => `${differences[name]} AS ${name}`).join(", ")}
      FROM shadow_calls AS trial
      JOIN calls AS served ON served.id = trial.call_id JOIN calls AS shadow ON shadow.id = trial.shadow_id
      WHERE trial.route = ?${where}
    )
  )`;

/** Reads what experiments and shadows came to, from a migrated database. */
export const createSqliteExperimentStore = (database: SqlDatabase): ExperimentStore => ({
  async armSums(experiment, filter) {
    const { sql, parameters } = matching(filter);
    return database
      .prepare(armQuery(sql))
      .all<Row>([experiment, ...parameters])
      .map(
        (row): ArmSums => ({
          arm: String(row["arm"]),
          units: Number(row["units"]),
          calls: Number(row["calls"]),
          metrics: {
            reward: readSums(row, "reward"),
            cost: readSums(row, "cost"),
            latency: readSums(row, "latency"),
            errors: readSums(row, "errors"),
          },
        }),
      );
  },
  async shadowSums(route, filter) {
    const { sql, parameters } = matching(filter);
    const row = database.prepare(shadowQuery(sql)).get<Row>([route, ...parameters]) ?? {};
    const sums = Object.fromEntries(differenceNames.map((name) => [name, readSums(row, name)])) as Pick<
      ShadowSums,
      Difference
    >;
    return {
      pairs: Number(row["pairs"] ?? 0),
      servedUsd: Number(row["servedUsd"] ?? 0),
      shadowUsd: Number(row["shadowUsd"] ?? 0),
      ...sums,
    };
  },
});
