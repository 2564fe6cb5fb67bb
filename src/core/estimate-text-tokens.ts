/** Classes of characters that byte-pair vocabularies treat alike. */
const space = 0;
const lower = 1;
const upper = 2;
const digit = 3;
const punctuation = 4;
const accented = 5;
const alphabet = 6;
const ideograph = 7;
const symbol = 8;

/** The first code of each range beyond ASCII, and the range's class. */
const ranges: readonly (readonly [first: number, kind: number])[] = [
  [0x80, symbol],
  [0xc0, accented],
  [0x370, alphabet],
  [0x1100, ideograph],
  [0x1200, alphabet],
  [0x1e00, accented],
  [0x1f00, alphabet],
  [0x2000, punctuation],
  [0x2070, symbol],
  [0x2e80, ideograph],
  [0xd800, symbol],
  [0xf900, ideograph],
  [0xfb00, alphabet],
  [0xfe00, symbol],
  [0xfe30, ideograph],
];

const asciiClass = (code: number): number => {
  const character = String.fromCharCode(code);
  if (/[\s\0]/.test(character)) return space;
  if (/[a-z]/.test(character)) return lower;
  if (/[A-Z]/.test(character)) return upper;
  return /\d/.test(character) ? digit : punctuation;
};

/** The class of every UTF-16 unit. */
const classes = new Uint8Array(0x10000);
for (const [first, kind] of ranges) classes.fill(kind, first);
for (let code = 0; code < 0x80; code += 1) classes[code] = asciiClass(code);

/** Tokens of a run of one class: what its first token costs, how many characters that holds, and each one after it. */
const costs: readonly (readonly [first: number, holds: number, each: number])[] = [
  [0.6, 16, 0.02],
  [1, 8, 0.22],
  [1, 3, 0.36],
  [1, 3, 0.5],
  [0.95, 2, 0.35],
  [1.9, 5, 0.3],
  [1.35, 3, 0.32],
  [1, 1, 0.95],
  [1, 1, 0.8],
];

const runTokens = (kind: number, length: number): number => {
  const [first, holds, each] = costs[kind] ?? [1, 1, 1];
  return first + Math.max(0, length - holds) * each;
};

/** The class of two neighbouring runs that are one word: a capital begins it, accents stand within it. */
const joined = (kind: number, length: number, next: number): number | undefined => {
  if (kind === upper && length === 1 && (next === lower || next === accented)) return next;
  if ((kind === lower && next === accented) || (kind === accented && next === lower)) return accented;
  return undefined;
};

/**
 * About how many tokens a text has, without a tokenizer's tables: runs of letters, digits, punctuation and scripts are
 * charged as byte-pair vocabularies charge them, about 4.5 characters a token in English and one in Chinese. Measured
 * against o200k: within 5 % on English prose and code, 15 % on JSON and tool schemas, 25 % on other languages. Older
 * vocabularies split scripts other than Latin finer: up to three times as many tokens (Hindi, cl100k).
 */
export const estimateTextTokens = (text: string): number => {
  let tokens = 0;
  let kind = -1;
  let length = 0;
  let at = 0;
  while (at < text.length) {
    const next = classes[text.charCodeAt(at)] ?? symbol;
    const start = at;
    do at += 1;
    while (at < text.length && classes[text.charCodeAt(at)] === next);
    const whole = joined(kind, length, next);
    if (whole !== undefined) {
      kind = whole;
      length += at - start;
      continue;
    }
    if (kind !== -1) tokens += runTokens(kind, length);
    // One blank before a word is part of the word's token.
    const isBlank = next === space && at - start === 1 && at < text.length && text.charCodeAt(start) === 32;
    kind = isBlank ? -1 : next;
    length = at - start;
  }
  if (kind !== -1) tokens += runTokens(kind, length);
  return Math.ceil(tokens);
};
