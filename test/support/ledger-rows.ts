import { Database } from "bun:sqlite";
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** What the comparison needs of a row of `calls`. */
export interface CallRow {
  readonly id: string;
  readonly requestedModel: string;
  readonly outcome: string;
  readonly status: number;
}

/** What the comparison needs of a row of `attempts`. */
export interface AttemptRow {
  readonly callId: string;
  readonly number: number;
  readonly model: string;
  readonly outcome: string;
  readonly headersAfter: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly usageSource: string;
  readonly delivered: number;
}

export interface LedgerRows {
  readonly calls: readonly CallRow[];
  readonly attempts: readonly AttemptRow[];
  /** Dispatches that are neither settled nor interrupted. */
  readonly openDispatches: number;
  /** Segments of the journal that are not taken in. */
  readonly segments: readonly string[];
}

/** Opens the ledger of a data folder; the gateway should have stopped. */
export const openLedger = (dataFolder: string): Database => new Database(join(dataFolder, "intellirouter.db"));

/** All rows of a data folder's ledger, and what the journal still holds. */
export const readLedger = (dataFolder: string): LedgerRows => {
  const database = openLedger(dataFolder);
  try {
    return {
      calls: database
        .query<CallRow, []>("SELECT id, requested_model AS requestedModel, outcome, status FROM calls")
        .all(),
      attempts: database
        .query<AttemptRow, []>(
          `SELECT call_id AS callId, number, model, outcome, headers_after AS headersAfter, input_tokens AS inputTokens,
             output_tokens AS outputTokens, usage_source AS usageSource, delivered FROM attempts ORDER BY call_id, number`,
        )
        .all(),
      openDispatches:
        database.query<{ count: number }, []>("SELECT COUNT(*) AS count FROM open_dispatches").get()?.count ?? 0,
      segments: readdirSync(join(dataFolder, "journal")),
    };
  } finally {
    database.close();
  }
};
