import type { StyleName } from "../style.ts";

/** What a text that begins with a special character turns out to begin with. */
export type Reading =
  | { readonly kind: "wait" }
  /** Not a construct: so many characters stand for themselves. */
  | { readonly kind: "literal"; readonly length: number }
  | {
      readonly kind: "span";
      readonly length: number;
      readonly styles: readonly StyleName[];
      readonly inner: string;
      /** Whether there may be constructs in it. */
      readonly nests: "nests" | "verbatim";
      /** Follows the span: a link's address. */
      readonly address?: string;
    };

export interface SpanContext {
  /** The character before the text; empty at the start of a line. */
  readonly before: string;
  /** Whether the line ends with this text. */
  readonly isLast: boolean;
}

const wait: Reading = { kind: "wait" };
const literal = (length: number): Reading => ({ kind: "literal", length });
const isWordCharacter = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);

const runLength = (text: string, start: number): number => {
  let end = start;
  while (end < text.length && text[end] === text[start]) end += 1;
  return end - start;
};

/** Where a run of exactly `length` of the first character closes the span; undefined where none does, or not yet. */
const findCloser = (
  text: string,
  { length, isLast, accepts }: { length: number; isLast: boolean; accepts: (start: number) => boolean },
): number | undefined => {
  const marker = text[0] ?? "";
  for (let at = text.indexOf(marker, length); at !== -1; ) {
    const run = runLength(text, at);
    const isRunKnown = at + run < text.length || isLast;
    if (run === length && isRunKnown && accepts(at)) return at;
    at = text.indexOf(marker, at + run);
  }
  return undefined;
};

const readCode = (text: string, { isLast }: SpanContext): Reading => {
  const length = runLength(text, 0);
  const closer = findCloser(text, { length, isLast, accepts: () => true });
  if (closer === undefined) return isLast ? literal(length) : wait;
  const inner = text.slice(length, closer);
  return { kind: "span", length: closer + length, styles: ["cyan"], inner, nests: "verbatim" };
};

const emphasis: Readonly<Record<string, readonly StyleName[]>> = {
  "*": ["italic"],
  _: ["italic"],
  "**": ["bold"],
  __: ["bold"],
  "***": ["bold", "italic"],
  ___: ["bold", "italic"],
  "~~": ["strike"],
};

const readEmphasis = (text: string, { before, isLast }: SpanContext): Reading => {
  const length = runLength(text, 0);
  if (length === text.length) return isLast ? literal(length) : wait;
  const styles = emphasis[text.slice(0, length)];
  const isUnderscore = text[0] === "_";
  if (styles === undefined || /\s/.test(text[length] ?? "") || (isUnderscore && isWordCharacter(before)))
    return literal(length);
  const accepts = (at: number) =>
    !/\s/.test(text[at - 1] ?? "") && !(isUnderscore && isWordCharacter(text[at + length] ?? ""));
  const closer = findCloser(text, { length, isLast, accepts });
  if (closer === undefined) return isLast ? literal(length) : wait;
  return { kind: "span", length: closer + length, styles, inner: text.slice(length, closer), nests: "nests" };
};

const readLink = (text: string, { isLast }: SpanContext): Reading => {
  const bracket = text.indexOf("]");
  if (bracket === -1 || bracket + 1 === text.length) return isLast ? literal(1) : wait;
  if (text[bracket + 1] !== "(") return literal(1);
  const parenthesis = text.indexOf(")", bracket);
  if (parenthesis === -1) return isLast ? literal(1) : wait;
  const inner = text.slice(1, bracket);
  const address = text.slice(bracket + 2, parenthesis);
  return { kind: "span", length: parenthesis + 1, styles: ["underline"], inner, nests: "nests", address };
};

const readEscape = (text: string, { isLast }: SpanContext): Reading => {
  if (text.length === 1) return isLast ? literal(1) : wait;
  if (!/[!-/:-@[-`{-~]/.test(text[1] ?? "")) return literal(1);
  return { kind: "span", length: 2, styles: [], inner: text.slice(1, 2), nests: "verbatim" };
};

/** True for the characters that {@link readSpan} can read from. */
export const opensSpan = (character: string): boolean => /[\\`*_~[]/.test(character);

/** Reads the construct of Markdown that the text begins with. */
export const readSpan = (text: string, context: SpanContext): Reading => {
  switch (text[0]) {
    case "\\":
      return readEscape(text, context);
    case "`":
      return readCode(text, context);
    case "[":
      return readLink(text, context);
    default:
      return readEmphasis(text, context);
  }
};
