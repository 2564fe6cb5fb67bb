/** Cuts text into the mock's tokens: up to eight characters of a word, with the space before it. They join to the text. */
export const tokensOf = (text: string): readonly string[] => text.match(/\s*\S{1,8}|\s+/gu) ?? [];

export const countTokens = (text: string): number => tokensOf(text).length;

/** A 32-bit hash (FNV-1a). */
export const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let position = 0; position < text.length; position++) {
    value ^= text.charCodeAt(position);
    value = Math.imul(value, 0x01000193);
  }
  return value >>> 0;
};

/** Uniform numbers in [0, 1) from a seed (mulberry32): the same seed, the same numbers. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
