import type { FinalAnswer } from "./final-answer.ts";
import { normaliseAnswer } from "./normalise-answer.ts";

/** Relative distance of numbers that count as equal: what is lost in writing them out, not in rounding them. */
const tolerance = 1e-9;

const numberOf = ({ kind, answer }: FinalAnswer): number => (kind === "number" ? Number(answer) : Number.NaN);

const isQuoted = ({ kind, answer }: FinalAnswer): boolean => kind === "literal" && answer.startsWith('"');

/** What a quoted text says, read as if it stood there without quotes. */
const withoutQuotes = ({ answer }: FinalAnswer): FinalAnswer | undefined =>
  normaliseAnswer(JSON.parse(answer) as string);

/**
 * Whether two answers are the same after normalisation: of two quoted texts every character counts, of a quoted and a
 * bare one what they say. What cannot be checked never agrees.
 */
export const agree = (a: FinalAnswer | undefined, b: FinalAnswer | undefined): boolean => {
  if (a === undefined || b === undefined || !a.isCheckable || !b.isCheckable) return false;
  if (isQuoted(a) !== isQuoted(b)) return isQuoted(a) ? agreeBare(withoutQuotes(a), b) : agreeBare(a, withoutQuotes(b));
  return agreeBare(a, b);
};

const agreeBare = (a: FinalAnswer | undefined, b: FinalAnswer | undefined): boolean => {
  if (a === undefined || b === undefined) return false;
  const distance = Math.abs(numberOf(a) - numberOf(b));
  if (!Number.isNaN(distance)) return distance <= tolerance * Math.max(Math.abs(numberOf(a)), Math.abs(numberOf(b)));
  return a.answer === b.answer;
};
