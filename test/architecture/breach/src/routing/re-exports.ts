export type { LedgerRecord } from "../ledger/record.ts";
