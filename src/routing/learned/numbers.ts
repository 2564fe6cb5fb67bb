/** σ(x). */
export const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** The inverse of {@link sigmoid}; ends are held off, so that it is finite. */
export const logit = (probability: number): number => {
  const held = Math.min(0.998, Math.max(0.002, probability));
  return Math.log(held / (1 - held));
};

/** Adds to one element. */
export const addAt = (values: Float32Array | Float64Array, index: number, amount: number): void => {
  values[index] = (values[index] as number) + amount;
};

/** Uniform numbers below 1 from a seed (mulberry32): training is the same on every machine. */
export const seededUniform = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** The numbers 0 … size − 1 in an order that the seed names. */
export const shuffled = (size: number, seed: number): Uint32Array => {
  const order = Uint32Array.from({ length: size }, (_, index) => index);
  const uniform = seededUniform(seed);
  for (let at = size - 1; at > 0; at--) {
    const other = Math.floor(uniform() * (at + 1));
    const held = order[at] as number;
    order[at] = order[other] as number;
    order[other] = held;
  }
  return order;
};
