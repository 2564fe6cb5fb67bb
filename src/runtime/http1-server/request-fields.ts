import type { RequestHeaders } from "../../core/ports/http-server.ts";
import type { HeadSpans } from "./head-spans.ts";

/** The fields of a request's head: its text, and where in it they stand. Nothing is cut out before it is asked for. */
export class RequestFields implements RequestHeaders {
  readonly #text: string;
  readonly #spans: HeadSpans;

  /** `text` is the head in Latin-1, the names in small letters. */
  constructor(text: string, spans: HeadSpans) {
    this.#text = text;
    this.#spans = spans;
  }

  get(name: string): string | null {
    const spans = this.#spans;
    const length = name.length;
    let found: string | null = null;
    for (let slot = 0; slot < spans.length; slot += 4) {
      if ((spans[slot + 1] as number) - (spans[slot] as number) !== length || !this.#isNamed(slot, name)) continue;
      const value = this.#valueAt(slot);
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  /** Each name once, in the order in which they came. */
  *[Symbol.iterator](): Generator<[string, string]> {
    const seen = new Set<string>();
    for (let slot = 0; slot < this.#spans.length; slot += 4) {
      const name = this.#text.slice(this.#spans[slot], this.#spans[slot + 1]);
      if (seen.has(name)) continue;
      seen.add(name);
      yield [name, this.get(name) as string];
    }
  }

  #isNamed(slot: number, name: string): boolean {
    const text = this.#text;
    const start = this.#spans[slot] as number;
    for (let index = 0; index < name.length; index++)
      if (text.charCodeAt(start + index) !== name.charCodeAt(index)) return false;
    return true;
  }

  #valueAt(slot: number): string {
    return this.#text.slice(this.#spans[slot + 2], this.#spans[slot + 3]);
  }
}
