/** So many characters in a row are no coincidence. */
const shortestQuote = 12;
const factor = 31;
/** The weight of the character that leaves a window of {@link shortestQuote}, in 32-bit arithmetic. */
const leaving = Array.from({ length: shortestQuote - 1 }).reduce<number>((weight) => Math.imul(weight, factor), 1);
const mostCharacters = 16 * 1024 * 1024;

/** Calls `visit` with the start of each window of a text, and the hash of the window. */
const forEachWindow = (text: string, visit: (start: number, hash: number) => void): void => {
  let hash = 0;
  for (let end = 0; end < text.length; end++) {
    if (end >= shortestQuote) hash = (hash - Math.imul(text.charCodeAt(end - shortestQuote), leaving)) | 0;
    hash = (Math.imul(hash, factor) + text.charCodeAt(end)) | 0;
    if (end >= shortestQuote - 1) visit(end - shortestQuote + 1, hash);
  }
};

/** Every text within a value, but for those under the given keys. */
const textsWithin = (value: unknown, except: ReadonlySet<string>): readonly string[] => {
  const texts: string[] = [];
  let left = mostCharacters;
  const walk = (part: unknown): void => {
    if (typeof part === "string") {
      texts.push(part.slice(0, left));
      left -= Math.min(left, part.length);
    } else if (Array.isArray(part)) for (const item of part) walk(item);
    else if (typeof part === "object" && part !== null)
      for (const [key, item] of Object.entries(part)) if (!except.has(key)) walk(item);
  };
  walk(value);
  return texts;
};

const names: ReadonlySet<string> = new Set(["model"]);

/**
 * A text without what it repeats of a request: runs of at least twelve characters that stand in any text of the request
 * read `[…]`. The request's `model` may be repeated. Takes time in proportion to the request, about 15 ns a character.
 */
export const withoutQuotes = (text: string, request: unknown): string => {
  const starts = new Map<number, number[]>();
  forEachWindow(text, (start, hash) => starts.set(hash, [...(starts.get(hash) ?? []), start]));
  if (starts.size === 0) return text;
  const quoted = new Uint8Array(text.length);
  for (const said of textsWithin(request, names))
    forEachWindow(said, (from, hash) => {
      for (const start of starts.get(hash) ?? [])
        if (quoted[start] !== 2 && text.startsWith(said.slice(from, from + shortestQuote), start)) {
          for (let at = start; at < start + shortestQuote; at++) quoted[at] ||= 1;
          quoted[start] = 2;
        }
    });
  if (!quoted.includes(2)) return text;
  let clean = "";
  for (let at = 0; at < text.length; at++)
    if (!quoted[at]) clean += text[at];
    else if (at === 0 || !quoted[at - 1]) clean += "[…]";
  return clean;
};
