import { GatewayError } from "../core/errors.ts";

/** Most objects have a few keys, which are found through faster than a set is made. */
const listed = 12;

/** A number for a key; equal keys have equal numbers. */
export const hashStep = (hash: number, code: number): number => (Math.imul(hash, 31) + code) | 0;

export const hashOf = (key: string): number => {
  let hash = 0;
  for (let index = 0; index < key.length; index++) hash = hashStep(hash, key.charCodeAt(index));
  return hash;
};

const prototypeKey = "__proto__";
const prototypeHash = hashOf(prototypeKey);

/** A key as it stands in the text, between its quotes. */
export interface PlacedKey {
  start: number;
  end: number;
  hash: number;
  /** The key itself, where escapes hide it in the text. */
  escaped: string | undefined;
}

export const newKey = (): PlacedKey => ({ start: 0, end: 0, hash: 0, escaped: undefined });

/**
 * The keys of the objects that are open, those of the innermost last. They are compared as numbers; only where these are
 * equal are the keys cut out of the text.
 */
export class OpenKeys {
  #text = "";
  /** Used again and again: each text has some ten keys. */
  readonly #keys: PlacedKey[] = [];
  /** Of objects with many keys those that are not in the list, by where the object's keys begin. */
  #rest: Map<number, Set<string>> | undefined;
  /** How many keys are in the list; what stands behind them is old. */
  #count = 0;
  #hasEscaped = false;

  /** Begins with a text. */
  begin(text: string): void {
    this.#text = text;
    this.#count = 0;
  }

  /** Forgets the text, and what was read of it. */
  end(): void {
    this.#text = "";
    this.#rest = undefined;
    if (!this.#hasEscaped) return;
    this.#hasEscaped = false;
    for (const key of this.#keys) key.escaped = undefined;
  }

  /** Where the keys of an object that opens now will begin. */
  get count(): number {
    return this.#count;
  }

  /** Forgets the keys of an object that is closed. */
  close(first: number): void {
    this.#count = first;
    this.#rest?.delete(first);
  }

  /** Whether the key is this one, whose hash is given. */
  isKey(key: PlacedKey, word: string, hash: number): boolean {
    return key.hash === hash && this.#read(key) === word;
  }

  /** Adds a key of the object whose keys begin at `first`. Throws `duplicate_key` or `invalid_value`. */
  add(key: PlacedKey, first: number): void {
    if (this.isKey(key, prototypeKey, prototypeHash))
      throw new GatewayError("invalid_value", "The key '__proto__' is not accepted in a request. Remove it.");
    for (let index = first; index < this.#count; index++) {
      const other = this.#keys[index] as PlacedKey;
      if (other.hash === key.hash && this.#read(other) === this.#read(key)) this.#refuse(key);
    }
    if (this.#count - first < listed) this.#list(key);
    else this.#addToRest(key, first);
  }

  #list({ start, end, hash, escaped }: PlacedKey): void {
    if (this.#count === this.#keys.length) this.#keys.push(newKey());
    const listed = this.#keys[this.#count++] as PlacedKey;
    listed.start = start;
    listed.end = end;
    listed.hash = hash;
    listed.escaped = escaped;
    if (escaped !== undefined) this.#hasEscaped = true;
  }

  #addToRest(key: PlacedKey, first: number): void {
    this.#rest ??= new Map();
    let rest = this.#rest.get(first);
    if (rest === undefined) {
      rest = new Set();
      this.#rest.set(first, rest);
    }
    const text = this.#read(key);
    if (rest.has(text)) this.#refuse(key);
    rest.add(text);
  }

  #read({ start, end, escaped }: PlacedKey): string {
    return escaped ?? this.#text.slice(start, end);
  }

  #refuse(key: PlacedKey): never {
    throw new GatewayError(
      "duplicate_key",
      `The key '${this.#read(key).slice(0, 64)}' stands twice in one object. Send each key once, so that nobody reads another value than you meant.`,
    );
  }
}
