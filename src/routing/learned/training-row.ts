import type { LabelledRow } from "./dataset.ts";
import { featuresOf } from "./features/features-of.ts";
import type { PromptFeatures } from "./features/prompt-features.ts";

/** One query to learn from: what is known of its prompt, and of each model that answered it. */
export interface TrainingRow {
  readonly features: PromptFeatures;
  /** Tokens of the prompt, estimated from its length. */
  readonly inputTokens: number;
  readonly q: Readonly<Record<string, number>>;
  readonly c: Readonly<Record<string, number>>;
  readonly in?: Readonly<Record<string, number>>;
  readonly ans?: Readonly<Record<string, string | null>>;
}

const charactersPerToken = 4;

export const estimatedTokens = (prompt: string): number => Math.max(1, prompt.length / charactersPerToken);

/** A labelled row with its features; the prompt is not kept. */
export const trainingRowOf = ({ prompt, q, c, in: input, ans }: LabelledRow): TrainingRow => ({
  features: featuresOf(prompt),
  inputTokens: estimatedTokens(prompt),
  q,
  c,
  ...(input === undefined ? {} : { in: input }),
  ...(ans === undefined ? {} : { ans }),
});
