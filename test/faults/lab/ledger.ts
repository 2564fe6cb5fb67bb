import { openLedger } from "../../support/ledger-rows.ts";

export interface CallRow {
  readonly id: string;
  readonly route: string;
  readonly outcome: string;
  readonly status: number;
  readonly errorCode: string | null;
  readonly target: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly usageSource: string;
  readonly cost: number;
  readonly charge: number;
}

export interface AttemptRow {
  readonly callId: string;
  readonly number: number;
  readonly model: string;
  readonly outcome: string;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly headersAfter: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly usageSource: string;
  readonly cost: number;
  readonly costSource: string;
  readonly delivered: number;
  readonly contributed: number;
}

export interface Ledger {
  readonly callsOf: (route: string) => readonly CallRow[];
  readonly attemptsOf: (callId: string) => readonly AttemptRow[];
  readonly openDispatches: number;
}

const calls = `SELECT id, route, outcome, status, error_code AS errorCode, target, input_tokens AS inputTokens,
  output_tokens AS outputTokens, usage_source AS usageSource, cost, charge FROM calls`;
const attempts = `SELECT call_id AS callId, number, model, outcome, error_code AS errorCode, error_message AS errorMessage,
  headers_after AS headersAfter, input_tokens AS inputTokens, output_tokens AS outputTokens,
  usage_source AS usageSource, cost, cost_source AS costSource, delivered, contributed
  FROM attempts ORDER BY call_id, number`;

/** Reads the ledger of a program that has stopped. */
export const readLedger = (dataFolder: string): Ledger => {
  const database = openLedger(dataFolder);
  try {
    const byRoute = Map.groupBy(database.query<CallRow, []>(calls).all(), ({ route }) => route);
    const byCall = Map.groupBy(database.query<AttemptRow, []>(attempts).all(), ({ callId }) => callId);
    const open = database.query<{ count: number }, []>("SELECT COUNT(*) AS count FROM open_dispatches").get();
    return {
      callsOf: (route) => byRoute.get(route) ?? [],
      attemptsOf: (callId) => byCall.get(callId) ?? [],
      openDispatches: open?.count ?? 0,
    };
  } finally {
    database.close();
  }
};
