import { afterBrace } from "./latex.ts";
import { longestAnswer } from "./normalise-answer.ts";

const mostTries = 20;

/** What the last `\boxed{…}` holds. */
export const readBoxed = (text: string): string | undefined => {
  let from = text.length;
  for (let tries = 0; tries < mostTries && from >= 0; tries += 1) {
    const at = Math.max(text.lastIndexOf("\\boxed", from), text.lastIndexOf("\\fbox", from));
    if (at === -1) return undefined;
    const open = text.indexOf("{", at);
    const close = open === -1 || open > at + 8 ? undefined : afterBrace(text, open, longestAnswer);
    if (open !== -1 && close !== undefined) return text.slice(open + 1, close - 1);
    from = at - 1;
  }
  return undefined;
};

const lineFrom = (text: string, start: number): string => {
  const end = text.indexOf("\n", start);
  return text.slice(start, Math.min(end === -1 ? text.length : end, start + longestAnswer));
};

/** A value, not the words of a heading of the fourth level. */
const value = /^[-−+]?[$€£¥(\\\d'"[]|^[A-J][).]?$/;

/** The rest of the last line that begins with `####`: a value, or what the text ends with. */
export const readHashes = (text: string): string | undefined => {
  let from = text.length;
  for (let tries = 0; tries < mostTries && from >= 0; tries += 1) {
    const at = text.lastIndexOf("####", from);
    if (at === -1) return undefined;
    const line = lineFrom(text, at + 4).trim();
    const isLast = text.slice(at + 4).trim() === line;
    if ((at === 0 || text[at - 1] === "\n") && line !== "" && (isLast || value.test(line))) return line;
    from = at - 1;
  }
  return undefined;
};

// Behind the word "answer": what leads over to the value.
const bridge =
  /^(?:\s(?:to (?:the|this) (?:question|problem)|choice|option)){0,2}\s?(?:\*\*|__)?\s?(?:is|=|:|would be|must be)\s?(?:therefore|thus|then)?\s?:?(?:\*\*|__)?\s{0,40}/i;
const sentenceEnd = /[.!?](?=\s|$)|\n|;\s|,?\s(?:because|since|as|which|so)\s/;

/** What follows the last `answer is` or `answer:`, up to the end of its sentence. */
export const readStatement = (text: string): string | undefined => {
  const lower = text.toLowerCase();
  // Some letters change their length with their case.
  const searched = lower.length === text.length ? lower : text;
  let from = text.length;
  for (let tries = 0; tries < mostTries && from >= 0; tries += 1) {
    const at = searched.lastIndexOf("answer", from);
    if (at === -1) return undefined;
    const rest = text.slice(at + 6, at + 6 + longestAnswer);
    const [led] = bridge.exec(rest) ?? [];
    if (led !== undefined) {
      const said = rest.slice(led.length);
      const found = said.slice(0, sentenceEnd.exec(said)?.index ?? said.length).trim();
      if (found !== "") return found;
    }
    from = at - 1;
  }
  return undefined;
};
