/** Ways to set off text; each is undone by its own code, so that they nest. */
const codes = {
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  strike: [9, 29],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type StyleName = keyof typeof codes;
export type Style = (name: StyleName, text: string) => string;

/** The escape sequences around styled text whose end is not known yet. */
export const openStyle = (name: StyleName): string => `\u001b[${codes[name][0]}m`;
export const closeStyle = (name: StyleName): string => `\u001b[${codes[name][1]}m`;

const colourful: Style = (name, text) => (text === "" ? "" : openStyle(name) + text + closeStyle(name));
const plain: Style = (_name, text) => text;

/**
 * Whether colours may be used: NO_COLOR (https://no-color.org) forbids them, else FORCE_COLOR decides where it is set,
 * else they need a terminal that is not `dumb`.
 */
export const usesColour = (
  environment: Readonly<Record<string, string | undefined>>,
  sink: { readonly isTerminal: boolean },
): boolean => {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return sink.isTerminal && TERM !== "dumb";
};

export const styleFor = (colour: "colour" | "plain"): Style => (colour === "colour" ? colourful : plain);
