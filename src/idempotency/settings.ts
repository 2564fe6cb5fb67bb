import { z } from "zod";

/** The `idempotency` key. */
export const idempotencySchema = z.strictObject({
  /** Off: the header `Idempotency-Key` is not looked at. */
  enabled: z.boolean().default(true),
  /** How long an answer is kept for those who ask again. */
  ttlMilliseconds: z.number().int().min(1_000).max(2_592_000_000).default(86_400_000),
  /** A longer answer is not kept; its key then refuses to run again. */
  maxStoredBytes: z.number().int().min(0).max(67_108_864).default(1_048_576),
});
export type IdempotencySettings = z.output<typeof idempotencySchema>;
