import { GatewayError } from "../core/errors.ts";

/** Where the value of the top-level `model` stands in the text; undefined where it is not there or not a string. */
export interface ScanResult {
  readonly model: { readonly start: number; readonly end: number } | undefined;
}

const quote = 34;
const backslash = 92;

/** The index of the quote that ends the string which begins at `start`; -1 where none does. */
const endOfString = (text: string, start: number): number => {
  let at = text.indexOf('"', start + 1);
  while (at !== -1) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return at;
    at = text.indexOf('"', at + 1);
  }
  return -1;
};

const unescapeKey = (literal: string): string => {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal;
  }
};

/** The keys of one object. Most have a few, for which a list is found through faster than a set is made. */
class Keys {
  readonly #first: string[] = [];
  #rest: Set<string> | undefined;

  /** False where the key was there. */
  add(key: string): boolean {
    if (this.#first.includes(key)) return false;
    if (this.#first.length < 12) {
      this.#first.push(key);
      return true;
    }
    this.#rest ??= new Set();
    if (this.#rest.has(key)) return false;
    this.#rest.add(key);
    return true;
  }
}

const checkKey = (key: string, keys: Keys): void => {
  if (key === "__proto__")
    throw new GatewayError("invalid_value", "The key '__proto__' is not accepted in a request. Remove it.");
  if (!keys.add(key))
    throw new GatewayError(
      "duplicate_key",
      `The key '${key.slice(0, 64)}' stands twice in one object. Send each key once, so that nobody reads another value than you meant.`,
    );
};

/**
 * One pass over JSON text, before it is parsed: refuses nesting over `maxDepth` and keys that stand twice in an object,
 * at every depth, and finds the value of the top-level `model`. It doesn't validate; the parser does.
 */
export const scanJson = (text: string, maxDepth: number): ScanResult => {
  // Per open bracket: the keys of an object, null for an array.
  const open: (Keys | null)[] = [];
  let expectsKey = false;
  let isModelValue = false;
  let model: ScanResult["model"];
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === quote) {
      const end = endOfString(text, at);
      if (end === -1) break;
      const keys = open[open.length - 1];
      if (expectsKey && keys) {
        const raw = text.slice(at + 1, end);
        const key = raw.includes("\\") ? unescapeKey(text.slice(at, end + 1)) : raw;
        checkKey(key, keys);
        isModelValue = open.length === 1 && key === "model";
        expectsKey = false;
      } else if (isModelValue && open.length === 1) {
        model = { start: at, end: end + 1 };
        isModelValue = false;
      }
      at = end;
    } else if (character === 123 || character === 91) {
      if (open.length === maxDepth)
        throw new GatewayError("json_too_deep", `The request nests deeper than ${maxDepth} levels. Flatten it.`);
      const isObject = character === 123;
      open.push(isObject ? new Keys() : null);
      expectsKey = isObject;
    } else if (character === 125 || character === 93) {
      open.pop();
      expectsKey = false;
    } else if (character === 44) {
      expectsKey = open[open.length - 1] instanceof Keys;
      isModelValue = false;
    }
  }
  return { model };
};
