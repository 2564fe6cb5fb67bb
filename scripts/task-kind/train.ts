import type { LabelledRow } from "../../src/routing/learned/dataset.ts";
import { featuresOf } from "../../src/routing/learned/features/features-of.ts";
import { hashedDimensions, type PromptFeatures } from "../../src/routing/learned/features/prompt-features.ts";
import { seededUniform } from "../../src/routing/learned/metrics/bootstrap.ts";
import { percentile } from "../../src/routing/learned/metrics/scores.ts";
import { type Classification, complexities, taskKinds } from "../../src/routing/learned/task-kind/classification.ts";
import { classifyWith } from "../../src/routing/learned/task-kind/classify.ts";
import type { ClassHead, TaskKindModel } from "../../src/routing/learned/task-kind/task-kind-model.ts";
import { seenBytes, seenShare } from "../../src/routing/learned/task-kind/task-kind-space.ts";
import { type Example, type Fitting, fitHead, fitTemperature } from "./fit-head.ts";
import { bareQuestion, complexityOf, groupOf, taskKindOf } from "./labels.ts";

/** `other` is what is like none of them: nothing is learned of it. */
const learnedKinds: readonly string[] = taskKinds.filter((kind) => kind !== "other");

export interface LabelledPrompt {
  readonly features: PromptFeatures;
  /** Of the question without the frame of its benchmark, where it has one. */
  readonly bare: PromptFeatures | undefined;
  /** The data set, and the question: rows of one group are kept together. */
  readonly set: string;
  readonly group: string;
  readonly kind: string | undefined;
  readonly complexity: string;
}

export const promptsOf = (set: string, rows: readonly LabelledRow[]): readonly LabelledPrompt[] =>
  rows.map((row) => {
    const bare = bareQuestion(row);
    return {
      features: featuresOf(row.prompt),
      bare: bare === undefined ? undefined : featuresOf(bare),
      set,
      group: groupOf(row),
      kind: taskKindOf(row),
      complexity: complexityOf(row),
    };
  });

const kindExamples = (prompts: readonly LabelledPrompt[]): readonly Example[] =>
  prompts.flatMap(({ features, kind }) => (kind === undefined ? [] : { features, label: learnedKinds.indexOf(kind) }));

/** The bare questions too, so that the frame of a benchmark is not taken for the task. */
const allKindExamples = (prompts: readonly LabelledPrompt[]): readonly Example[] =>
  kindExamples(prompts.flatMap((one) => (one.bare === undefined ? one : [one, { ...one, features: one.bare }])));

const complexityExamples = (prompts: readonly LabelledPrompt[]): readonly Example[] =>
  prompts.map(({ features, complexity }) => ({
    features,
    label: (complexities as readonly string[]).indexOf(complexity),
  }));

/** Prompts that must hold a bucket for it to count as known. */
const leastPrompts = 8;

const seenBy = (prompts: readonly LabelledPrompt[]): Uint8Array => {
  const counts = new Uint16Array(hashedDimensions);
  for (const { features } of prompts) for (const index of features.indices) counts[index] = (counts[index] ?? 0) + 1;
  const seen = new Uint8Array(seenBytes);
  for (const [index, count] of counts.entries())
    if (count >= leastPrompts) seen[index >> 3] = (seen[index >> 3] ?? 0) | (1 << (index & 7));
  return seen;
};

// Chosen by cross-validation. How hard a prompt is shows so faintly that more would only learn the rows by heart.
const kindFitting: Fitting = { epochs: 4, rate: 0.1, decay: 1e-5 };
const complexityFitting: Fitting = { epochs: 6, rate: 0.05, decay: 1e-3 };

interface Fitted {
  readonly taskKind: ClassHead;
  readonly complexity: ClassHead;
  readonly seen: Uint8Array;
}

const fit = (prompts: readonly LabelledPrompt[]): Fitted => ({
  taskKind: fitHead(allKindExamples(prompts), learnedKinds, kindFitting),
  complexity: fitHead(complexityExamples(prompts), complexities, complexityFitting),
  seen: seenBy(prompts),
});

const folds = 5;

/** Folds that keep the rows of a group together, drawn by seed. */
const split = (prompts: readonly LabelledPrompt[], seed: number): readonly (readonly LabelledPrompt[])[] => {
  const uniform = seededUniform(seed);
  const foldOf = new Map<string, number>();
  for (const { group } of prompts) if (!foldOf.has(group)) foldOf.set(group, Math.floor(uniform() * folds));
  return Array.from({ length: folds }, (_, fold) => prompts.filter(({ group }) => foldOf.get(group) === fold));
};

export interface Held {
  readonly prompt: LabelledPrompt;
  readonly said: Classification;
}

export interface CrossValidated {
  readonly held: readonly Held[];
  /** What the folds found, for the model that is trained on all rows. */
  readonly temperatures: { readonly taskKind: number; readonly complexity: number };
  readonly familiarity: TaskKindModel["familiarity"];
}

/** Classifies every row by a model that did not see its question. */
export const crossValidate = (prompts: readonly LabelledPrompt[], seed = 1): CrossValidated => {
  const parts = split(prompts, seed).map((held) => {
    const heldGroups = new Set(held.map(({ group }) => group));
    return { held, fitted: fit(prompts.filter(({ group }) => !heldGroups.has(group))) };
  });
  const pairs = (name: "taskKind" | "complexity", examples: typeof kindExamples) =>
    parts.flatMap(({ held, fitted }) => examples(held).map((example) => ({ head: fitted[name], example })));
  const temperatures = {
    taskKind: fitTemperature(pairs("taskKind", kindExamples)),
    complexity: fitTemperature(pairs("complexity", complexityExamples)),
  };
  const shares = parts.flatMap(({ held, fitted }) => held.map(({ features }) => seenShare(features, fitted.seen)));
  // All but the strangest hundredth of held-out prompts is trusted; what is four times as strange not at all.
  const high = percentile(shares, 0.01);
  const familiarity = { low: Math.max(0, 1 - 4 * (1 - high)), high };
  const held = parts.flatMap(({ held: some, fitted }) => {
    const model = modelOf(fitted, temperatures, familiarity);
    return some.map((prompt) => ({ prompt, said: classifyWith(model, prompt.features) }));
  });
  return { held, temperatures, familiarity };
};

const modelOf = (
  { taskKind, complexity, seen }: Fitted,
  temperatures: CrossValidated["temperatures"],
  familiarity: TaskKindModel["familiarity"],
): TaskKindModel => ({
  taskKind: { ...taskKind, temperature: temperatures.taskKind },
  complexity: { ...complexity, temperature: temperatures.complexity },
  seen,
  familiarity,
});

/** The model of all rows, calibrated by what cross-validation found. */
export const trainTaskKinds = (
  prompts: readonly LabelledPrompt[],
  { temperatures, familiarity }: Pick<CrossValidated, "temperatures" | "familiarity">,
): TaskKindModel => modelOf(fit(prompts), temperatures, familiarity);
