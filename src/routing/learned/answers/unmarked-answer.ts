import { readLiteral } from "./read-literal.ts";
import { readNumber } from "./read-number.ts";

const fence = "```";
const longest = 2_000;

/** The content of the last block of code, where it is one literal: what a program would print. */
export const readFenced = (text: string): string | undefined => {
  const close = text.lastIndexOf(fence);
  if (close < fence.length) return undefined;
  const open = text.lastIndexOf(fence, close - 1);
  if (open === -1 || close - open > longest) return undefined;
  const content = text
    .slice(open + fence.length, close)
    .replace(/^[a-z]{0,12}\n/, "")
    .trim();
  return readLiteral(content) === undefined ? undefined : content;
};

const concluding =
  /\b(?:so|thus|hence|therefore|total|altogether|in all|finally|result|equals?|left|needs?|conclusion)\b|=/i;
const starts = /(?<![\d.,/])[-−]?[$€£¥]?\s?\d|\\frac/g;

/**
 * The number that the last sentence concludes with: after its last `=`, else its last number. Undefined where the text
 * breaks off, or the sentence concludes nothing.
 */
export const readConclusion = (text: string): string | undefined => {
  const end = text.trimEnd().slice(-longest);
  const line = end.slice(end.lastIndexOf("\n") + 1).replace(/[*_`]/g, "");
  if (!/[.!)\d\]$%]$/.test(line)) return undefined;
  const [sentence = ""] = line.split(/[.!?]\s(?=[A-Z])/).slice(-1);
  if (!concluding.test(sentence)) return undefined;
  const after = sentence.slice(sentence.lastIndexOf("=") + 1).trim();
  const from = readNumber(after) === undefined ? [...sentence.matchAll(starts)].at(-1)?.index : undefined;
  const stated = from === undefined ? after : sentence.slice(from);
  const read = readNumber(stated);
  return read === undefined ? undefined : stated.slice(0, stated.length - read.rest.length);
};
