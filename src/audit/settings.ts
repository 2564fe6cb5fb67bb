import { z } from "zod";

/** The keys of `audit`. */
export const auditSchema = z.strictObject({
  /** How long rows are kept, in days; for ever where absent. */
  keepDays: z.number().int().min(1).max(36_500).optional(),
});
export type AuditSettings = z.output<typeof auditSchema>;
