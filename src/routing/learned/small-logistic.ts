import { sigmoid } from "./numbers.ts";

export interface SmallTask {
  /** Inputs by row, `width` numbers each. */
  readonly inputs: Float64Array;
  readonly width: number;
  readonly labels: ArrayLike<number>;
  /** Added to each row's logit; none: 0. */
  readonly offsets?: ArrayLike<number>;
  /** Where the weights are drawn to, and how strongly (as so many units of information). */
  readonly start: readonly number[];
  readonly strength: readonly number[];
}

/** Solves A·x = b by elimination with pivots; A is small, symmetric and positive. */
const solve = (matrix: Float64Array, right: Float64Array): Float64Array => {
  const size = right.length;
  const a = Float64Array.from(matrix);
  const x = Float64Array.from(right);
  for (let column = 0; column < size; column++) {
    const pivot = a[column * size + column] as number;
    for (let row = column + 1; row < size; row++) {
      const factor = (a[row * size + column] as number) / pivot;
      for (let at = column; at < size; at++)
        a[row * size + at] = (a[row * size + at] as number) - factor * (a[column * size + at] as number);
      x[row] = (x[row] as number) - factor * (x[column] as number);
    }
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let at = row + 1; at < size; at++)
      x[row] = (x[row] as number) - (a[row * size + at] as number) * (x[at] as number);
    x[row] = (x[row] as number) / (a[row * size + row] as number);
  }
  return x;
};

const newtonSteps = 6;
/** Newton's method squares its error in each step: after one this short nothing is left to gain. */
const settled = 1e-3;

/** Logistic regression with few inputs, by Newton's method, drawn towards `start`. Labels may be fractions. */
export const fitSmallLogistic = ({ inputs, width, labels, offsets, start, strength }: SmallTask): Float64Array => {
  const weights = Float64Array.from(start);
  for (let step = 0; step < newtonSteps; step++) {
    const gradient = Float64Array.from(weights, (weight, at) => (strength[at] ?? 0) * ((start[at] ?? 0) - weight));
    const curvature = new Float64Array(width * width);
    for (let at = 0; at < width; at++) curvature[at * width + at] = (strength[at] ?? 0) + 1e-6;
    for (let row = 0; row < labels.length; row++) {
      let value = offsets === undefined ? 0 : (offsets[row] as number);
      const base = row * width;
      for (let at = 0; at < width; at++) value += (weights[at] as number) * (inputs[base + at] as number);
      const chance = sigmoid(value);
      const error = (labels[row] as number) - chance;
      const weight = Math.max(1e-3, chance * (1 - chance));
      for (let at = 0; at < width; at++) {
        const input = inputs[base + at] as number;
        gradient[at] = (gradient[at] as number) + error * input;
        const share = weight * input;
        for (let other = 0; other <= at; other++) {
          const place = at * width + other;
          curvature[place] = (curvature[place] as number) + share * (inputs[base + other] as number);
        }
      }
    }
    for (let at = 0; at < width; at++)
      for (let other = 0; other < at; other++) curvature[other * width + at] = curvature[at * width + other] as number;
    const move = solve(curvature, gradient);
    let furthest = 0;
    for (let at = 0; at < width; at++) {
      const held = Math.max(-2, Math.min(2, move[at] as number));
      furthest = Math.max(furthest, Math.abs(held));
      weights[at] = (weights[at] as number) + held;
    }
    if (furthest < settled) break;
  }
  return weights;
};
