/** Which of several answers are the same one. */
export class Tally<Vote> {
  readonly #agree: (one: Vote, other: Vote) => boolean;
  /** Votes that agree with the first of their group. */
  readonly #groups: Vote[][] = [];

  constructor(agree: (one: Vote, other: Vote) => boolean) {
    this.#agree = agree;
  }

  /** How many agree at most. */
  get most(): number {
    return this.#groups.reduce((most, { length }) => Math.max(most, length), 0);
  }

  add(vote: Vote): void {
    const group = this.#groups.find(([first]) => first !== undefined && this.#agree(first, vote));
    if (group === undefined) this.#groups.push([vote]);
    else group.push(vote);
  }

  /** The first of so many that agree; undefined where there are none. */
  firstOf(needed: number): Vote | undefined {
    return this.#groups.find(({ length }) => length >= needed)?.[0];
  }
}
