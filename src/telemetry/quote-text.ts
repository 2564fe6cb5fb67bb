import { maskSecrets } from "../core/mask-secrets.ts";

const longestText = 4_000;

// What could start a new line, steer a terminal or reorder the text that a person reads.
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The text with everything that is not for a log escaped as `\u2028`. */
export const escapeText = (text: string): string =>
  text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The text without secrets, and not too long. */
export const cleanText = (text: string): string => {
  const cut = text.length > longestText ? `${text.slice(0, longestText)}… (${text.length} characters)` : text;
  return maskSecrets(cut);
};

/** Longer texts are rare, and would take room. */
const longestKept = 200;
const mostKept = 500;
/** The program's own ids: each comes once or twice, so there is no use in keeping them, and nothing in them to hide. */
const ownId = /^req_[0-9a-f]{32}$/;

// Names of routes, models, providers and outcomes come again with every call: to look for secrets in them each time
// would be most of what a line costs. The texts of late, and those before them.
let recent = new Map<string, string>();
let former = new Map<string, string>();

const keep = (text: string, quoted: string): string => {
  if (recent.size >= mostKept) {
    former = recent;
    recent = new Map();
  }
  recent.set(text, quoted);
  return quoted;
};

/** A text as JSON has it, cleaned and escaped. */
export const quoteText = (text: string): string => {
  const known = recent.get(text);
  if (known !== undefined) return known;
  if (ownId.test(text)) return `"${text}"`;
  const again = former.get(text);
  if (again !== undefined) return keep(text, again);
  const cleaned = cleanText(text);
  const quoted = escapeText(JSON.stringify(cleaned));
  // What held a secret is looked at again each time, so that none is kept.
  return text.length > longestKept || cleaned !== text ? quoted : keep(text, quoted);
};

/** As {@link quoteText}, for what mostly is an id of the program's own. */
export const quoteId = (id: string): string => (ownId.test(id) ? `"${id}"` : quoteText(id));
