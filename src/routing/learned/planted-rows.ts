import type { LabelledRow } from "./dataset.ts";
import { seededUniform } from "./numbers.ts";

const topics = {
  easy: ["apples", "pears", "baskets", "farmer", "market", "children", "school", "coins"],
  hard: ["manifold", "homology", "functor", "operator", "spectrum", "lattice", "measure", "kernel"],
} as const;

/**
 * Queries with planted structure, for tests: `small` (cheap) is right on easy topics and wrong on most hard ones, `large`
 * is nearly always right, `noise` is right at random. Answers are recorded; wrong ones differ between the models.
 */
export const plantedRows = (count: number, seed: number): readonly LabelledRow[] => {
  const uniform = seededUniform(seed);
  return Array.from({ length: count }, (_, index) => {
    const topic = index % 2 === 0 ? "easy" : "hard";
    const words = Array.from({ length: 12 }, () => topics[topic][Math.floor(uniform() * 8)]);
    const right = {
      small: uniform() < (topic === "easy" ? 0.95 : 0.2),
      large: uniform() < 0.93,
      noise: uniform() < 0.5,
    };
    const models = ["small", "large", "noise"] as const;
    const each = <Value>(of: (model: (typeof models)[number], at: number) => Value): Record<string, Value> =>
      Object.fromEntries(models.map((model, at) => [model, of(model, at)]));
    return {
      id: `${seed}/${index}`,
      task: topic,
      prompt: `Tell me about ${words.join(" ")}, number ${Math.floor(uniform() * 1_000)}.`,
      q: each((model) => (right[model] ? 1 : 0)),
      c: each((_, at) => (at === 1 ? 0.01 : 0.001) * (0.8 + 0.4 * uniform())),
      ans: each((model, at) => (right[model] ? String(index) : String(-1 - index * 3 - at))),
    };
  });
};
