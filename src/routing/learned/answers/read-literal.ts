const deepest = 20;

const words: ReadonlyMap<string, string> = new Map([
  ["True", "true"],
  ["true", "true"],
  ["False", "false"],
  ["false", "false"],
  ["None", "null"],
  ["null", "null"],
]);
const numberPattern = /[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?/y;
const wordPattern = /[A-Za-z]+/y;
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0" };
const closers: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };

class LiteralReader {
  #at = 0;

  constructor(readonly text: string) {}

  /** The canonical form of the one value that the text is; undefined where it is none, or more. */
  read(): string | undefined {
    const value = this.#value(0);
    this.#skip();
    return this.#at === this.text.length ? value : undefined;
  }

  #skip(): void {
    while (/\s/.test(this.text[this.#at] ?? "")) this.#at += 1;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #value(depth: number): string | undefined {
    this.#skip();
    const character = this.text[this.#at] ?? "";
    if (character === "'" || character === '"') return this.#quoted(character);
    if (closers[character] !== undefined) return depth < deepest ? this.#collection(character, depth) : undefined;
    const number = this.#match(numberPattern);
    if (number !== undefined) return String(Number(Number(number).toPrecision(15)));
    const word = this.#match(wordPattern);
    return word === undefined ? undefined : words.get(word);
  }

  #quoted(quote: string): string | undefined {
    let content = "";
    for (this.#at += 1; this.#at < this.text.length; this.#at += 1) {
      const character = this.text[this.#at] ?? "";
      if (character === quote) {
        this.#at += 1;
        return JSON.stringify(content);
      }
      if (character === "\\") {
        this.#at += 1;
        const escaped = this.text[this.#at] ?? "";
        content += escapes[escaped] ?? escaped;
      } else content += character;
    }
    return undefined;
  }

  /** Lists, tuples, sets and dictionaries; the order of the latter two does not count. */
  #collection(open: string, depth: number): string | undefined {
    const close = closers[open] ?? "";
    const items: string[] = [];
    let [pairs, commas] = [0, 0];
    this.#at += 1;
    for (;;) {
      this.#skip();
      if (this.text[this.#at] === close) break;
      if (items.length > commas) return undefined;
      let item = this.#value(depth + 1);
      this.#skip();
      if (item !== undefined && open === "{" && this.text[this.#at] === ":") {
        this.#at += 1;
        const value = this.#value(depth + 1);
        item = value === undefined ? undefined : `${item}:${value}`;
        pairs += 1;
      }
      if (item === undefined) return undefined;
      items.push(item);
      this.#skip();
      if (this.text[this.#at] === ",") {
        this.#at += 1;
        commas += 1;
      }
    }
    this.#at += 1;
    if (open === "{") return pairs === items.length || pairs === 0 ? `{${items.sort().join(",")}}` : undefined;
    // One value in parentheses without a comma is that value.
    if (open === "(" && items.length === 1 && commas === 0) return items[0];
    return `${open}${items.join(",")}${close}`;
  }
}

/**
 * A literal of Python or JSON in one form for all ways to write it: `['a', 1.0]` and `["a",1]` are `["a",1]`. Undefined
 * for anything else, and for collections in more than 20 others.
 */
export const readLiteral = (text: string): string | undefined => new LiteralReader(text).read();
