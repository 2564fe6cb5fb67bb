import type { PromptFeatures } from "../features/prompt-features.ts";
import { type Classification, type Complexity, complexities, type TaskKind, taskKinds } from "./classification.ts";
import { type ClassHead, parseTaskKindModel, type TaskKindModel } from "./task-kind-model.ts";
import { eachCoordinate, seenShare } from "./task-kind-space.ts";

/** Below this probability no kind is named. */
const leastConfidence = 0.5;

/** Probabilities of a head's classes before calibration by familiarity. */
export const headProbabilities = (head: ClassHead, features: PromptFeatures): Float64Array => {
  const count = head.classes.length;
  const logits = new Float64Array(count);
  eachCoordinate(features, (place, value) => {
    const base = place * count;
    for (let one = 0; one < count; one += 1) logits[one] = (logits[one] ?? 0) + value * (head.weights[base + one] ?? 0);
  });
  const most = logits.reduce((held, one) => Math.max(held, one), Number.NEGATIVE_INFINITY);
  const chances = logits.map((one) => Math.exp((one - most) / head.temperature));
  const sum = chances.reduce((total, one) => total + one, 0);
  return chances.map((one) => one / sum);
};

const trustOf = (features: PromptFeatures, { seen, familiarity }: TaskKindModel): number => {
  const { low, high } = familiarity;
  return Math.max(0, Math.min(1, (seenShare(features, seen) - low) / (high - low)));
};

interface Named {
  readonly name: string;
  readonly chance: number;
}

/** The likeliest class; the less the prompt is trusted, the more like the shares of all. */
const likeliest = (head: ClassHead, features: PromptFeatures, trust: number): Named => {
  const chances = headProbabilities(head, features).map(
    (one, index) => trust * one + (1 - trust) * (head.shares[index] ?? 0),
  );
  let best = 0;
  for (let one = 1; one < chances.length; one += 1) if ((chances[one] ?? 0) > (chances[best] ?? 0)) best = one;
  return { name: head.classes[best] ?? "", chance: chances[best] ?? 0 };
};

const isTaskKind = (name: string): name is TaskKind => (taskKinds as readonly string[]).includes(name);
const isComplexity = (name: string): name is Complexity => (complexities as readonly string[]).includes(name);

/** Classifies with a model: some 0.02 ms, without waiting for anything. */
export const classifyWith = (model: TaskKindModel, features: PromptFeatures): Classification => {
  const trust = trustOf(features, model);
  const kind = likeliest(model.taskKind, features, trust);
  const complexity = likeliest(model.complexity, features, trust);
  const isNamed = kind.chance >= leastConfidence && isTaskKind(kind.name);
  return {
    taskKind: isNamed && isTaskKind(kind.name) ? kind.name : "other",
    taskConfidence: isNamed ? kind.chance : 1 - kind.chance,
    complexity: isComplexity(complexity.name) ? complexity.name : "moderate",
    complexityConfidence: complexity.chance,
  };
};

export type ClassifyTask = (features: PromptFeatures) => Classification;

/**
 * A classifier whose file is read at the first prompt and then kept. The first call throws GatewayError `invalid_value`
 * where the text is no classifier.
 */
export const openTaskClassifier = (readFile: () => string): ClassifyTask => {
  let model: TaskKindModel | undefined;
  return (features) => {
    model ??= parseTaskKindModel(readFile());
    return classifyWith(model, features);
  };
};
