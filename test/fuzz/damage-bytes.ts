import type { SeededRandom } from "../support/seeded-random.ts";

/** One damage to a string of bytes: flipped, left out, doubled, moved, put in, or cut off. */
const damageOnce = (bytes: string, random: SeededRandom, tokens: readonly string[]): string => {
  const at = random.between(0, bytes.length);
  const length = random.between(1, random.next() < 0.7 ? 4 : 200);
  const [before, piece, after] = [bytes.slice(0, at), bytes.slice(at, at + length), bytes.slice(at + length)];
  switch (random.between(0, 6)) {
    case 0:
      return before + String.fromCharCode(random.between(0, 255)) + bytes.slice(at + 1);
    case 1:
      return before + after;
    case 2:
      return before + piece + piece + after;
    case 3:
      return after + piece + before;
    case 4:
      return before;
    case 5:
      return before + String.fromCharCode(random.between(0, 255)).repeat(length) + bytes.slice(at);
    default:
      return before + random.pick(tokens) + bytes.slice(at);
  }
};

/** Damages bytes a few times; `tokens` are what means something in their format. */
export const damageBytes = (bytes: string, random: SeededRandom, tokens: readonly string[]): string => {
  let damaged = bytes;
  for (let times = random.between(1, 4); times > 0; times--) damaged = damageOnce(damaged, random, tokens);
  return damaged;
};
