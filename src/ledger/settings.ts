import { z } from "zod";

/** The `ledger` key. */
export const ledgerSchema = z.strictObject({
  /**
   * What a settled call survives once its last byte has left: `process`, the death of the program; `power`, also that
   * of the machine, for the price of a grouped fsync per call.
   */
  durability: z.enum(["process", "power"]).default("process"),
  /** How often the journal is folded into the database. */
  foldMilliseconds: z.number().int().min(10).max(60_000).default(200),
});
export type LedgerSettings = z.output<typeof ledgerSchema>;
