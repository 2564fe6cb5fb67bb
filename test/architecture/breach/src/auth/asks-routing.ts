import type { Chosen } from "../routing/chosen.ts";

export const describe = (chosen: Chosen): string => chosen.name;
export type Later = import("../ledger/record.ts").LedgerRecord;
