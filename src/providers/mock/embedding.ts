import { hash, randomFrom } from "./tokens.ts";

const defaultDimensions = 256;

const addWord = (vector: number[], word: string): void => {
  const random = randomFrom(hash(word));
  for (let place = 0; place < vector.length; place++) vector[place] = (vector[place] ?? 0) + random() - 0.5;
};

/** A unit vector from a text's words, whatever their order: texts that share words lie close together. */
export const embed = (input: string | readonly number[], dimensions = defaultDimensions): readonly number[] => {
  const words = typeof input === "string" ? (input.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) : input.map(String);
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of words.length === 0 ? [""] : words) addWord(vector, word);
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
};
