import type { SqlDatabase } from "../../core/ports/sql.ts";
import { unitDigest } from "../../core/unit-digest.ts";

/** Calls of a user's that experiments kept together are from now on calls by themselves: what they came to stays counted. */
export const forgetUnits = (database: SqlDatabase, tenant: string, userId: string): void => {
  const experiments = database
    .prepare("SELECT DISTINCT experiment FROM experiment_calls")
    .all<{ experiment: string }>()
    .map(({ experiment }) => experiment);
  const forget = database.prepare(
    "UPDATE experiment_calls SET unit = call_id WHERE experiment = ? AND tenant = ? AND unit = ?",
  );
  for (const experiment of experiments) forget.run([experiment, tenant, unitDigest(experiment, tenant, userId)]);
};
