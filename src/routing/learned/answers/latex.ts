// Each pattern is a plain alternation without nested repeats, so that hostile text costs no more than its length.
const sizes = /\\(?:left|right|big|Big|bigg|Bigg|displaystyle|textstyle)(?![a-zA-Z])/g;
const spaces = /\\[,;:!> ]|\\q?quad(?![a-zA-Z])|~/g;
const fractions = /\\[dtc]frac(?![a-zA-Z])/g;
const shortFractions = /\\frac(\d)(\d)/g;
const wrappers = /\\(?:text|mathrm|mathbf|textbf|mathit|operatorname|mbox)\s?\{([^{}]*)\}/g;
const degrees = /\^\s?(?:\\circ(?![a-zA-Z])|\{\\circ\}|°)/g;
const delimiters = /^(?:\$\$?|\\\(|\\\[)|(?:\$\$?|\\\)|\\\])$/g;

/** TeX without what only sets type: sizes, spaces, fonts, delimiters; `\dfrac12` as `\frac{1}{2}`. */
export const plainLatex = (text: string): string =>
  text
    .trim()
    .replace(delimiters, "")
    .replace(sizes, "")
    .replace(/\{,\}/g, ",")
    .replace(spaces, " ")
    .replace(fractions, "\\frac")
    .replace(shortFractions, "\\frac{$1}{$2}")
    .replace(wrappers, "$1")
    .replace(degrees, "°")
    .replace(/\\([$%#&_{}])/g, "$1")
    .trim();

/** The place after the brace that closes the one at `open`; undefined where none does within `most` characters. */
export const afterBrace = (text: string, open: number, most: number): number | undefined => {
  let depth = 0;
  const end = Math.min(text.length, open + most);
  for (let index = open; index < end; index += 1) {
    const character = text[index];
    if (character === "\\") index += 1;
    else if (character === "{") depth += 1;
    else if (character === "}") {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return undefined;
};
