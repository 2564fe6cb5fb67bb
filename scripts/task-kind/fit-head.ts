import type { PromptFeatures } from "../../src/routing/learned/features/prompt-features.ts";
import { seededUniform } from "../../src/routing/learned/metrics/bootstrap.ts";
import { headProbabilities } from "../../src/routing/learned/task-kind/classify.ts";
import type { ClassHead } from "../../src/routing/learned/task-kind/task-kind-model.ts";
import { eachCoordinate, taskKindDimensions } from "../../src/routing/learned/task-kind/task-kind-space.ts";

export interface Example {
  readonly features: PromptFeatures;
  /** Index of its class. */
  readonly label: number;
}

/** How a head is fitted: passes over the examples, step, and pull of every weight to nothing. */
export interface Fitting {
  readonly epochs: number;
  readonly rate: number;
  readonly decay: number;
}

interface Sparse {
  readonly places: Uint16Array;
  readonly values: Float32Array;
}

const sparseOf = (features: PromptFeatures): Sparse => {
  const places: number[] = [];
  const values: number[] = [];
  eachCoordinate(features, (place, value) => {
    places.push(place);
    values.push(value);
  });
  return { places: Uint16Array.from(places), values: Float32Array.from(values) };
};

const shuffled = (length: number, uniform: () => number): readonly number[] => {
  const order = Array.from({ length }, (_, index) => index);
  for (let at = length - 1; at > 0; at -= 1) {
    const other = Math.floor(uniform() * (at + 1));
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
};

/** Multinomial logistic regression by AdaGrad (Duchi and others, 2011), the same at every run. */
export const fitHead = (
  examples: readonly Example[],
  classes: readonly string[],
  { epochs, rate, decay }: Fitting,
): ClassHead => {
  const count = classes.length;
  const weights = new Float32Array(taskKindDimensions * count);
  const squares = new Float32Array(weights.length).fill(1e-3);
  const sparse = examples.map(({ features }) => sparseOf(features));
  const uniform = seededUniform(1);
  const chances = new Float64Array(count);
  const learn = ({ places, values }: Sparse, label: number): void => {
    chances.fill(0);
    for (let at = 0; at < places.length; at += 1)
      for (let one = 0; one < count; one += 1)
        chances[one] =
          (chances[one] as number) + (values[at] as number) * (weights[(places[at] as number) * count + one] as number);
    const most = Math.max(...chances);
    let sum = 0;
    for (let one = 0; one < count; one += 1) sum += chances[one] = Math.exp((chances[one] as number) - most);
    for (let one = 0; one < count; one += 1) chances[one] = (chances[one] as number) / sum - (one === label ? 1 : 0);
    for (let at = 0; at < places.length; at += 1)
      for (let one = 0; one < count; one += 1) {
        const place = (places[at] as number) * count + one;
        const slope = (chances[one] as number) * (values[at] as number) + decay * (weights[place] as number);
        squares[place] = (squares[place] as number) + slope * slope;
        weights[place] = (weights[place] as number) - (rate * slope) / Math.sqrt(squares[place] as number);
      }
  };
  for (let epoch = 0; epoch < epochs; epoch += 1)
    for (const index of shuffled(examples.length, uniform)) learn(sparse[index] as Sparse, examples[index]?.label ?? 0);
  const shares = classes.map((_, one) => examples.filter(({ label }) => label === one).length / examples.length);
  return { classes, weights, temperature: 1, shares };
};

/** The temperature that makes held-out probabilities likeliest (Guo and others, 2017), by search over a grid. */
export const fitTemperature = (held: readonly { readonly head: ClassHead; readonly example: Example }[]): number => {
  const logs = held.map(({ head, example }) => ({
    log: headProbabilities({ ...head, temperature: 1 }, example.features).map((one) => Math.log(Math.max(one, 1e-300))),
    label: example.label,
  }));
  const loss = (temperature: number): number =>
    logs.reduce((sum, { log, label }) => {
      const scaled = log.map((one) => one / temperature);
      const most = Math.max(...scaled);
      const total = scaled.reduce((all, one) => all + Math.exp(one - most), 0);
      return sum + Math.log(total) + most - (scaled[label] ?? 0);
    }, 0);
  const grid = Array.from({ length: 41 }, (_, step) => 0.5 * 1.06 ** step);
  return grid.reduce((best, one) => (loss(one) < loss(best) ? one : best), 1);
};
