/**
 * What a prompt asks for. `other` where it is like nothing that was learned from: the training data hold no letters,
 * summaries, translations or small talk.
 */
export const taskKinds = ["math", "code", "reasoning", "knowledge", "science", "commonsense", "other"] as const;
export type TaskKind = (typeof taskKinds)[number];

/** How hard it is for language models at large: most answer it, some do, few do. */
export const complexities = ["simple", "moderate", "complex"] as const;
export type Complexity = (typeof complexities)[number];

export interface Classification {
  readonly taskKind: TaskKind;
  /** Probability that the kind is right, 0–1, calibrated on held-out rows. */
  readonly taskConfidence: number;
  readonly complexity: Complexity;
  readonly complexityConfidence: number;
}
