import { GatewayError } from "../core/errors.ts";
import { hashOf, hashStep, newKey, OpenKeys, type PlacedKey } from "./open-keys.ts";

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

/** Reads the key whose opening quote stands at `start`; false where it has no end. */
const readKey = (text: string, start: number, key: PlacedKey): boolean => {
  key.start = start + 1;
  let hash = 0;
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      key.end = at;
      key.hash = hash;
      key.escaped = undefined;
      return true;
    }
    if (code === backslash) break;
    hash = hashStep(hash, code);
  }
  const end = endOfString(text, start);
  if (end === -1) return false;
  key.end = end;
  key.escaped = unescapeKey(text.slice(start, end + 1));
  key.hash = hashOf(key.escaped);
  return true;
};

const modelHash = hashOf("model");
const isArray = -1;

// Texts are scanned one after the other, so these serve for all.
const keys = new OpenKeys();
const key = newKey();
/** Per open bracket: where an object's keys begin, `isArray` for an array. */
const open: number[] = [];

/**
 * One pass over JSON text, before it is parsed: refuses nesting over `maxDepth` and keys that stand twice in an object,
 * at every depth, and finds the value of the top-level `model`. It doesn't validate; the parser does.
 */
export const scanJson = (text: string, maxDepth: number): ScanResult => {
  keys.begin(text);
  try {
    return scan(text, maxDepth);
  } finally {
    keys.end();
  }
};

const scan = (text: string, maxDepth: number): ScanResult => {
  let depth = 0;
  let expectsKey = false;
  let isModelValue = false;
  let model: ScanResult["model"];
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === quote && expectsKey) {
      if (!readKey(text, at, key)) break;
      keys.add(key, open[depth - 1] as number);
      isModelValue = depth === 1 && keys.isKey(key, "model", modelHash);
      expectsKey = false;
      at = key.end;
    } else if (character === quote) {
      const end = endOfString(text, at);
      if (end === -1) break;
      if (isModelValue && depth === 1) {
        model = { start: at, end: end + 1 };
        isModelValue = false;
      }
      at = end;
    } else if (character === 123 || character === 91) {
      if (depth === maxDepth)
        throw new GatewayError("json_too_deep", `The request nests deeper than ${maxDepth} levels. Flatten it.`);
      expectsKey = character === 123;
      open[depth++] = expectsKey ? keys.count : isArray;
    } else if (character === 125 || character === 93) {
      const first = depth === 0 ? isArray : (open[--depth] as number);
      if (first !== isArray) keys.close(first);
      expectsKey = false;
    } else if (character === 44) {
      expectsKey = depth > 0 && open[depth - 1] !== isArray;
      isModelValue = false;
    }
  }
  return { model };
};
