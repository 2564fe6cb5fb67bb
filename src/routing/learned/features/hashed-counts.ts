import {
  gramBuckets,
  gramCapacity,
  hashedDimensions,
  repeatedWeight,
  wordBuckets,
  wordCapacity,
} from "./prompt-features.ts";

/** Scrambles a hash so that its high bits depend on all of it (the finaliser of MurmurHash3). */
export const scramble = (hash: number): number => {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

const seen = new Uint8Array(hashedDimensions);
const words = new Uint16Array(wordBuckets);
const grams = new Uint16Array(gramBuckets);
let wordCount = 0;
let gramCount = 0;

/** Notes a word or pair by its hash. */
export const countWord = (hash: number): void => {
  const index = scramble(hash) >>> 18;
  if (seen[index] === 0) words[wordCount++] = index;
  if ((seen[index] as number) < 2) seen[index] = (seen[index] as number) + 1;
};

/** Notes four characters by their hash. */
export const countGram = (hash: number): void => {
  const index = wordBuckets + (scramble(hash) >>> 18);
  if (seen[index] === 0) grams[gramCount++] = index;
  if ((seen[index] as number) < 2) seen[index] = (seen[index] as number) + 1;
};

/**
 * Keeps about `capacity` of the touched buckets: those whose scrambled number is lowest. So two long prompts keep the
 * same ones of what they share (consistent sampling), where the first ones would only describe how prompts begin.
 */
const sample = (touched: Uint16Array, count: number, capacity: number): Uint16Array => {
  if (count <= capacity) return touched.slice(0, count);
  const threshold = (capacity / count) * 65_536;
  const kept = new Uint16Array(capacity);
  let size = 0;
  for (let at = 0; at < count && size < capacity; at++) {
    const index = touched[at] as number;
    if ((Math.imul(index, 40_503) & 0xffff) < threshold) kept[size++] = index;
  }
  return kept.subarray(0, size);
};

/** What was noted since the last call, sorted; forgets it. */
export const takeCounts = (): { readonly indices: Uint16Array; readonly values: Float32Array } => {
  const keptWords = sample(words, wordCount, wordCapacity);
  const keptGrams = sample(grams, gramCount, gramCapacity);
  const indices = new Uint16Array(keptWords.length + keptGrams.length);
  // Words have the lower buckets, so that each half is sorted alone.
  indices.set(keptWords.sort());
  indices.set(keptGrams.sort(), keptWords.length);
  const values = new Float32Array(indices.length);
  for (let at = 0; at < indices.length; at++)
    values[at] = (seen[indices[at] as number] as number) > 1 ? repeatedWeight : 1;
  for (let at = 0; at < wordCount; at++) seen[words[at] as number] = 0;
  for (let at = 0; at < gramCount; at++) seen[grams[at] as number] = 0;
  wordCount = 0;
  gramCount = 0;
  return { indices, values };
};
