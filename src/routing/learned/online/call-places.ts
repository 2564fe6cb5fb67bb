import { scramble } from "../features/hashed-counts.ts";

const smallest = 1_024;

/** Two hashes of an id in one pass, of different multipliers: 64 bits, of which no two calls of a ring share all. */
let first = 0;
let second = 0;
const digest = (id: string): void => {
  let one = 0x811c9dc5;
  let other = 0x9e3779b9;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x85ebca6b);
  }
  first = scramble(one);
  second = scramble(other);
};

/**
 * In which place of a ring each call stands, by 64 bits of its id: some 20 bytes a call, where a map of texts takes 150.
 * Open addressing with linear probing; who leaves lets those behind move up (Knuth, "The Art of Computer Programming" 3, 6.4).
 */
export class CallPlaces {
  /** Place plus 1; 0: free. Always twice as many slots as places. */
  #slots = new Int32Array(2 * smallest);
  /** By place. */
  #first = new Uint32Array(smallest);
  #second = new Uint32Array(smallest);
  #taken = new Uint8Array(smallest);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The place of a call; undefined where it has none. */
  find(id: string): number | undefined {
    digest(id);
    const slot = this.#slotOf(first, second);
    const entry = this.#slots[slot] as number;
    return entry === 0 ? undefined : entry - 1;
  }

  /** Whether a call stands in a place. */
  has(place: number): boolean {
    return this.#taken[place] === 1;
  }

  /** Puts a call that has no place into a free one. */
  put(id: string, place: number): void {
    while (place >= this.#taken.length) this.#grow();
    digest(id);
    this.#first[place] = first;
    this.#second[place] = second;
    this.#taken[place] = 1;
    this.#slots[this.#slotOf(first, second)] = place + 1;
    this.#size++;
  }

  /** Frees a place. */
  remove(place: number): void {
    if (this.#taken[place] !== 1) return;
    let hole = this.#slotOf(this.#first[place] as number, this.#second[place] as number);
    this.#taken[place] = 0;
    this.#size--;
    const mask = this.#slots.length - 1;
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) break;
      const home = (this.#first[entry - 1] as number) & mask;
      // It may move up unless its home lies behind the hole.
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#slots[hole] = entry;
      hole = slot;
    }
    this.#slots[hole] = 0;
  }

  /** The slot of a call, or the free one where it would stand. */
  #slotOf(one: number, other: number): number {
    const mask = this.#slots.length - 1;
    let slot = one & mask;
    for (let entry = this.#slots[slot] as number; entry !== 0; entry = this.#slots[slot] as number) {
      if (this.#first[entry - 1] === one && this.#second[entry - 1] === other) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const room = this.#taken.length * 2;
    this.#first = enlarged(this.#first, new Uint32Array(room));
    this.#second = enlarged(this.#second, new Uint32Array(room));
    this.#taken = enlarged(this.#taken, new Uint8Array(room));
    this.#slots = new Int32Array(2 * room);
    for (let place = 0; place < room; place++)
      if (this.#taken[place] === 1)
        this.#slots[this.#slotOf(this.#first[place] as number, this.#second[place] as number)] = place + 1;
  }
}

/** The same numbers with room for more. */
export const enlarged = <Numbers extends { set(from: ArrayLike<number>): void } & ArrayLike<number>>(
  from: Numbers,
  to: Numbers,
): Numbers => {
  to.set(from);
  return to;
};
