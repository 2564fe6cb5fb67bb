import { z } from "zod";
import { maxUsdPerDay, shareSchema } from "../shadow/settings.ts";

/** What stands under a route's `judge`. */
export const judgeSchema = z.strictObject({
  /** A target, `provider/model`, or a route. */
  model: z.string().min(1).max(500),
  /** Of the calls that were answered. */
  share: shareSchema,
  maxUsdPerDay,
  /** By what an answer without a shadow's beside it is marked; without it only pairs are judged. */
  rubric: z.string().min(1).max(10_000).optional(),
});
export type JudgeSettings = z.output<typeof judgeSchema>;

/** The name that the judge's calls stand under in the ledger; no route of the configuration has it. */
export const judgeRoute = (route: string): string => `${route}!judge`;
