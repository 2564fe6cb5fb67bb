/**
 * A map that forgets what was longest unused once it holds more than its limit: for what is kept per name where the
 * names come from outside. `isBusy` keeps an entry that is still needed.
 */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #limit: number;
  readonly #isBusy: (value: Value) => boolean;
  /** What was used last, and so stands last already: `getOrMake` is mostly asked for the same again. */
  #latest: Key | undefined;

  constructor(limit: number, isBusy: (value: Value) => boolean = () => false) {
    this.#limit = limit;
    this.#isBusy = isBusy;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** The entry, made where it is not there; it counts as used. */
  getOrMake(key: Key, make: () => Value): Value {
    const known = this.#entries.get(key);
    if (known !== undefined && key === this.#latest) return known;
    this.#latest = key;
    const value = known ?? make();
    // A map gives its keys in the order in which they were put in.
    if (known !== undefined) this.#entries.delete(key);
    this.#entries.set(key, value);
    if (known === undefined && this.#entries.size > this.#limit) this.#evict();
    return value;
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  entries(): IterableIterator<[Key, Value]> {
    return this.#entries.entries();
  }

  #evict(): void {
    for (const [key, value] of this.#entries) {
      if (this.#isBusy(value)) continue;
      this.#entries.delete(key);
      return;
    }
  }
}
