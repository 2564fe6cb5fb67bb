/** Random numbers that a seed repeats (mulberry32; T. Ettinger, 2017). */
export class SeededRandom {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, but not including, 1. */
  next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.between(0, values.length - 1)];
    if (value === undefined) throw new Error("nothing to pick from");
    return value;
  }

  /** One of several, in proportion to their weights. */
  weighted<Value extends { readonly weight: number }>(choices: readonly Value[]): Value {
    let left = this.next() * choices.reduce((sum, { weight }) => sum + weight, 0);
    for (const choice of choices) {
      left -= choice.weight;
      if (left < 0) return choice;
    }
    return this.pick(choices);
  }
}

/** A seed that was given, or a new one. */
export const chooseSeed = (given: string | undefined): number => {
  if (given === undefined) return crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
  const seed = Number(given);
  if (!Number.isInteger(seed) || seed < 0) throw new Error(`--seed ${given}: expected a whole number`);
  return seed;
};
