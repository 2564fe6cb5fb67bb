/** A sum of whole numbers that stays exact however large it grows; up to 2⁵³ it is a number, which is quicker by far. */
export class ExactSum {
  #small = 0;
  /** What the number would no longer hold. */
  #large = 0n;
  #isLarge = false;

  /** Adds a whole number, which may be below 0. */
  add(amount: number): void {
    const sum = this.#small + amount;
    if (Number.isSafeInteger(sum)) this.#small = sum;
    else this.addLarge(BigInt(amount));
  }

  addLarge(amount: bigint): void {
    this.#large += amount;
    this.#isLarge = this.#large !== 0n;
  }

  get value(): bigint {
    return this.#large + BigInt(this.#small);
  }

  /** The same as a number; NaN where none holds it exactly. */
  get exact(): number {
    return this.#isLarge ? Number.NaN : this.#small;
  }
}
