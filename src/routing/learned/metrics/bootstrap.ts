import { percentile } from "./scores.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Queries. */
  readonly size: number;
  readonly resamples: number;
  readonly seed: number;
}

/** Uniform numbers below 1 from a 32-bit seed (mulberry32): the same on every machine. */
export const seededUniform = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/**
 * The statistic on samples of the queries, drawn with repetition; `indices` of a sample is written over by the next.
 */
export const bootstrap = <Result>(
  { size, resamples, seed }: BootstrapOptions,
  statistic: (indices: Uint32Array) => Result,
): readonly Result[] => {
  const uniform = seededUniform(seed);
  const indices = new Uint32Array(size);
  return Array.from({ length: resamples }, () => {
    for (let index = 0; index < size; index += 1) indices[index] = Math.floor(uniform() * size);
    return statistic(indices);
  });
};

/** The percentile interval of a bootstrapped statistic that holds `level` of the samples; those that are no numbers are left out. */
export const intervalOf = (samples: readonly number[], level = 0.95): Interval => {
  const numbers = samples.filter((one) => !Number.isNaN(one));
  return { low: percentile(numbers, (1 - level) / 2), high: percentile(numbers, (1 + level) / 2) };
};
