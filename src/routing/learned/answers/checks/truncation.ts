const fence = "```";

/** Counts until two are more than enough to tell odd from even on a text of any length. */
const isOdd = (text: string, piece: string): boolean => {
  let count = 0;
  for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + piece.length)) count += 1;
  return count % 2 === 1;
};

const isOpenJson = (text: string): boolean => {
  let depth = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isQuoted) {
      if (character === "\\") index += 1;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
  }
  return depth > 0 || isQuoted;
};

/**
 * Whether an answer stops before its end: the provider says so (`length`), a block of code is not closed, or a text that
 * begins as JSON does not end as such. Prose without a full stop is no sign: lists and headings have none.
 */
export const isTruncated = (text: string, finishReason?: string): boolean => {
  if (finishReason === "length") return true;
  if (isOdd(text, fence)) return true;
  const trimmed = text.trim();
  return (trimmed.startsWith("{") || trimmed.startsWith("[")) && isOpenJson(trimmed);
};
