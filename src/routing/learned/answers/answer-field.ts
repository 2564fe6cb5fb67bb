import { longestAnswer } from "./normalise-answer.ts";

const keys = ["answer", "final_answer", "finalAnswer", "final answer", "Answer", "Final Answer"] as const;
/** Occurrences of a key that are looked at, from the end: the last one that has a value counts. */
const mostTries = 20;

const colon = /^["']\s{0,20}:\s{0,200}/;
const bare = /^(?:[-+]?[\d.,]{1,40}(?:[eE][-+]?\d{1,3})?|true|false|True|False)(?=\s{0,200}(?:[,}\]]|$|```))/;
/** What may follow a value. Before it, a quote is part of a text that somebody forgot to escape. */
const end = /^\s{0,200}(?:[,}\]]|```|$)/;
const nextKey = /^\s{0,200},\s{0,200}(?:["'}\]]|$)/;

const texNames =
  /^(?:frac|forall|bar|begin|beta|big|binom|bmod|boxed|nabla|ne|neq|neg|not|notin|nu|rangle|rho|right|tan|tau|text|tfrac|theta|times|to|triangle)(?![a-zA-Z])/;
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** A JSON text as its writer meant it: `\frac` is TeX and no form feed, a raw line feed itself. */
const decode = (text: string): string =>
  text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (whole, escaped: string, at: number) => {
    if (escaped.length > 1) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    if (/[a-zA-Z]/.test(escaped)) {
      const isTex = texNames.test(text.slice(at + 1, at + 14));
      return isTex ? whole : (escapes[escaped] ?? whole);
    }
    // `\'` is none of JSON's: it belongs to a literal in the text.
    return /["\\/]/.test(escaped) ? escaped : whole;
  });

const readQuoted = (text: string, quote: string): string | undefined => {
  for (let index = 1; index < text.length; index += 1) {
    const character = text[index];
    if (character === "\\") index += 1;
    else if (character === quote) {
      const rest = text.slice(index + 1, index + 450);
      if (end.test(rest) && (!/^\s{0,200},/.test(rest) || nextKey.test(rest))) return decode(text.slice(1, index));
    }
  }
  return undefined;
};

const closers: Readonly<Record<string, string>> = { "[": "]", "{": "}", "(": ")" };

/** A collection up to the bracket that closes it, quotes observed. */
const readCollection = (text: string): string | undefined => {
  const open: string[] = [];
  let quote = "";
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? "";
    if (character === "\\") index += 1;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (closers[character] !== undefined) open.push(closers[character]);
    else if (character === open.at(-1)) {
      open.pop();
      if (open.length === 0) return text.slice(0, index + 1);
    }
  }
  return undefined;
};

const readValue = (text: string): string | undefined => {
  const [first = ""] = text;
  if (first === '"' || first === "'") return readQuoted(text, first);
  return closers[first] === undefined ? bare.exec(text)?.[0] : readCollection(text);
};

/**
 * The value of the last `answer` field of a JSON text, also where the JSON is broken: raw line feeds, TeX that was not
 * escaped, words around it, no end. Undefined where there is no such field; null
 * where none has a value that ends.
 */
export const readAnswerField = (text: string): string | null | undefined => {
  let isThere = false;
  let best: { readonly at: number; readonly value: string } | undefined;
  for (const key of keys) {
    let from = text.length;
    for (let tries = 0; tries < mostTries && from >= 0; tries += 1) {
      const at = text.lastIndexOf(key, from);
      if (at < 1) break;
      from = at - 1;
      if (best !== undefined && at < best.at) break;
      if (text[from] !== '"' && text[from] !== "'") continue;
      const rest = text.slice(at + key.length, at + key.length + 2 * longestAnswer);
      const separator = colon.exec(rest)?.[0];
      isThere ||= separator !== undefined;
      const value = separator === undefined ? undefined : readValue(rest.slice(separator.length));
      if (value !== undefined) best = { at, value };
      if (value !== undefined) break;
    }
  }
  return best?.value ?? (isThere ? null : undefined);
};
