const digits = String.raw`(?:\d{1,3}(?:[, ]\d{3})+|\d+)`;
const decimal = String.raw`(?:${digits}(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{1,3})?`;
const sign = String.raw`([-+−–]?)\s?`;
const currency = String.raw`(?:USD\s?|US)?[$€£¥₹]?\s?`;

const number = new RegExp(`^${sign}${currency}${sign}(${decimal})`);
const power = /^\s?(?:\\times|\\cdot|×|\*|x)\s?10\s?\^\s?(?:\{([-−]?\d{1,3})\}|([-−]?\d{1,3}))/;
const slash = new RegExp(String.raw`^\s?/\s?(${digits})(?![\d.])`);
const latexFraction = new RegExp(String.raw`^${sign}\\frac\s?\{\s?([-−]?${digits})\s?\}\s?\{\s?(${digits})\s?\}`);
const mixed = /^\s?(?:\\frac\s?\{(\d+)\}\s?\{(\d+)\}|(\d+)\s?\/\s?(\d+))/;
const magnitude = /^\s?(thousand|million|billion|trillion)\b/i;
const magnitudes: Readonly<Record<string, number>> = { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 };

const isMinus = (text: string | undefined): boolean => text === "-" || text === "−" || text === "–";
const plain = (text: string): number => Number(text.replace(/[, ]/g, "").replace(/−/g, "-"));

export interface ReadNumber {
  readonly value: number;
  /** What stands behind it. */
  readonly rest: string;
}

const readFraction = (text: string): ReadNumber | undefined => {
  const found = latexFraction.exec(text);
  if (found === null) return undefined;
  const value = plain(found[2] ?? "") / plain(found[3] ?? "");
  return { value: isMinus(found[1]) ? -value : value, rest: text.slice(found[0].length) };
};

/** What follows a plain number and belongs to it: a fraction, a power of ten, a magnitude in words. */
const extend = (value: number, rest: string, isWhole: boolean): ReadNumber => {
  const part = isWhole ? mixed.exec(rest) : null;
  // `2 1/2` needs its space: `21/2` is one fraction.
  if (part !== null && (part[1] !== undefined || rest.startsWith(" "))) {
    const over = plain(part[1] ?? part[3] ?? "") / plain(part[2] ?? part[4] ?? "");
    return { value: value + over, rest: rest.slice(part[0].length) };
  }
  const divisor = slash.exec(rest);
  if (divisor !== null) return { value: value / plain(divisor[1] ?? ""), rest: rest.slice(divisor[0].length) };
  const ten = power.exec(rest);
  if (ten !== null) return { value: value * 10 ** plain(ten[1] ?? ten[2] ?? ""), rest: rest.slice(ten[0].length) };
  const word = magnitude.exec(rest);
  if (word === null) return { value, rest };
  return { value: value * (magnitudes[(word[1] ?? "").toLowerCase()] ?? 1), rest: rest.slice(word[0].length) };
};

/**
 * The number that a text begins with: `1,200.50`, `-$3`, `3/4`, `2 1/2`, `\frac{3}{4}`, `3 \times 10^5`, `2.5 million`.
 * Undefined where it begins with none.
 */
export const readNumber = (text: string): ReadNumber | undefined => {
  const fraction = readFraction(text);
  if (fraction !== undefined) return Number.isFinite(fraction.value) ? fraction : undefined;
  const found = number.exec(text);
  if (found === null) return undefined;
  const shown = found[3] ?? "";
  const read = extend(plain(shown), text.slice(found[0].length), /^\d+$/.test(shown));
  if (!Number.isFinite(read.value)) return undefined;
  return isMinus(found[1]) || isMinus(found[2]) ? { ...read, value: -read.value } : read;
};

/** A number as all that mean it are written: twelve significant digits, no negative zero. */
export const numberText = (value: number): string => {
  const rounded = Number(value.toPrecision(12));
  return String(rounded === 0 ? 0 : rounded);
};
