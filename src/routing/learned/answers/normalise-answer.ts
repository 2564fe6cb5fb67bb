import type { FinalAnswer } from "./final-answer.ts";
import { plainLatex } from "./latex.ts";
import { readLiteral } from "./read-literal.ts";
import { numberText, readNumber } from "./read-number.ts";

/** Characters of an answer; what is longer is a text to read, not an answer to compare. */
export const longestAnswer = 2_000;
/** Characters of a text that two models may be expected to word alike. */
const longestCheckableText = 80;

const checkable = (kind: FinalAnswer["kind"], answer: string): FinalAnswer => ({ answer, kind, isCheckable: true });

const emphasis = /^(?:\*\*|__|`+|\*)+|(?:\*\*|__|`+|\*)+$/g;
const assignment = /^[A-Za-z](?:_\w|\([a-z]\))?\s?=\s?(?!=)/;
const lead = /^(?:is|are|was|be|equals?|approximately|about|around|exactly|only|a total of|the number|≈|~|=|:)\s+/i;

const tidy = (text: string): string => {
  let tidied = text.trim().replace(emphasis, "").trim();
  // Punctuation that ends a sentence; a decimal point is followed by digits.
  tidied = tidied
    .replace(/[.!,;:]$/, "")
    .replace(emphasis, "")
    .trim();
  return tidied;
};

const choicePattern = /^(?:(?:option|choice|answer)\s+)?[([]?([A-J])(?:[)\]]|[).:,](?=\s|$)|$)/;
const choiceNamed = /^(?:option|choice)\s+[([]?([A-J])\b/i;

const readChoice = (text: string): FinalAnswer | undefined => {
  const found = choicePattern.exec(text) ?? choiceNamed.exec(text);
  return found === null ? undefined : checkable("choice", (found[1] ?? "").toUpperCase());
};

const readBoolean = (text: string): FinalAnswer | undefined => {
  const word = /^(yes|no|true|false)(?=$|[,.;:!]|\s[–—-])/i.exec(text)?.[1];
  return word === undefined ? undefined : checkable("boolean", word.toLowerCase());
};

// Up to five words of unit behind a number; other digits or operators make it something else.
const unit =
  /^\s?(?:%|°|¢|€|£|\$)?\s?(?:°\s?)?\/?(?:[A-Za-z][A-Za-z'’./²³-]*(?:\^\d)?\s?){0,5}(?:\([A-Za-z ]{0,30}\))?[.!]?$/;
const clock = /^:\d\d/;

const readQuantity = (text: string): FinalAnswer | undefined => {
  // More digits than a number of the machine keeps.
  if (/^-?\d{16,}$/.test(text)) return checkable("literal", text);
  const found = readNumber(text);
  if (found === undefined || clock.test(found.rest) || !unit.test(found.rest)) return undefined;
  // A letter right behind it is a variable (`3x`) or a name (`3D`), but for degrees and common short units.
  if (/^[A-Za-z]/.test(found.rest) && !/^(?:cm|mm|km|m|kg|g|lbs?|h|s|ms|ft|am|pm|mph|k?W|[KMG]B)\b/.test(found.rest))
    return undefined;
  return checkable("number", numberText(found.value));
};

/** Words as prose writes them: capitals at their beginning say nothing. Names in code (`UPPER`, `camelCase`) stay. */
const foldCase = (text: string): string =>
  text.replace(/(?<![A-Za-z])[A-Z](?=[a-z]+(?![A-Za-z]))/g, (one) => one.toLowerCase());

const looksTyped = /[\\^_{}]|\bsqrt|π|√|[a-z0-9)]\s?[-+*/]\s?[a-z0-9(]/i;

const readText = (text: string): FinalAnswer => {
  if (text.length <= longestCheckableText && looksTyped.test(text) && !/[a-z]{3,}\s[a-z]{3,}/i.test(text))
    return checkable("expression", text.replace(/\s/g, ""));
  const words = foldCase(text.replace(/\s+/g, " ")).replace(/^(?:the|an?) /, "");
  return { answer: words, kind: "text", isCheckable: text.length <= longestCheckableText && !/[.!?]\s/.test(text) };
};

const readCode = (literal: string): FinalAnswer => {
  const value = /^["[({]/.test(literal) ? Number.NaN : Number(literal);
  return Number.isNaN(value) ? checkable("literal", literal) : checkable("number", numberText(value));
};

/**
 * One answer, cut out of its text, in the form that equal answers share. Undefined where nothing is left of it, or it is
 * too long to be one.
 */
export const normaliseAnswer = (raw: string): FinalAnswer | undefined => {
  if (raw.length > longestAnswer) return undefined;
  const shown = tidy(raw);
  // Code keeps every character; only then may TeX be taken apart.
  const code = /^['"[({]/.test(shown) ? readLiteral(shown) : undefined;
  if (code !== undefined) return readCode(code);
  const text = tidy(plainLatex(shown).replace(lead, ""));
  // Nothing but punctuation may be what a program prints.
  if (text === "") return raw.trim() === "" ? undefined : checkable("text", raw.trim());
  const bare = text.replace(assignment, "").trim();
  const quantity = readQuantity(bare) ?? readChoice(text) ?? readBoolean(text);
  if (quantity !== undefined) return quantity;
  const literal = readLiteral(text);
  if (literal !== undefined) return readCode(literal);
  return readText(bare === "" ? text : bare);
};
