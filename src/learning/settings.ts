import { z } from "zod";

/** The keys of `learning`. */
export const learningSchema = z.strictObject({
  /** How long the details of decisions and feedback are kept, in days. The calls themselves stay. */
  retainDays: z.number().int().min(1).max(36_500).default(90),
  /** How much feedback a key, or a user with all keys, may give within a minute. */
  feedbackPerMinute: z.number().int().min(1).max(1_000_000).default(6_000),
  /** Whether what callers do next counts as a weak word on an answer: the same question again, an answer cut off. */
  implicitSignals: z.boolean().default(true),
});
export type LearningSettings = z.output<typeof learningSchema>;
