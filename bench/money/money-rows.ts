import { openLedger } from "../../test/support/ledger-rows.ts";

export interface MoneyAttempt {
  readonly callId: string;
  readonly keyId: string | null;
  readonly model: string;
  readonly usageSource: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** 10⁻¹² USD. */
  readonly cost: number;
}

/** What the ledger says of money. */
export interface MoneyRows {
  readonly calls: readonly { readonly id: string }[];
  readonly attempts: readonly MoneyAttempt[];
  /** Calls whose cost is not the sum of their attempts' costs. */
  readonly differentCalls: readonly string[];
}

/** Reads it from a data folder; the gateway has stopped. */
export const readMoneyRows = (dataFolder: string): MoneyRows => {
  const database = openLedger(dataFolder);
  try {
    return {
      calls: database.query<{ id: string }, []>("SELECT id FROM calls").all(),
      attempts: database
        .query<MoneyAttempt, []>(
          `SELECT call_id AS callId, key_id AS keyId, attempts.model AS model, attempts.usage_source AS usageSource,
             attempts.input_tokens AS inputTokens, attempts.output_tokens AS outputTokens,
             attempts.cost AS cost
           FROM attempts JOIN calls ON calls.id = call_id`,
        )
        .all(),
      differentCalls: database
        .query<{ id: string }, []>(
          `SELECT calls.id FROM calls LEFT JOIN attempts ON call_id = calls.id GROUP BY calls.id
           HAVING MAX(calls.cost) <> COALESCE(SUM(attempts.cost), 0)`,
        )
        .all()
        .map(({ id }) => id),
    };
  } finally {
    database.close();
  }
};
