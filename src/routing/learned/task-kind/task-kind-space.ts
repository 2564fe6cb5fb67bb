import { gramBuckets, type PromptFeatures, wordBuckets } from "../features/prompt-features.ts";
import { denseDimensions } from "../features/surface.ts";

/** The hashed space folded, so that the shipped file stays small: words and 4-grams apart. */
const folded = 4_096;
export const foldedDimensions = 2 * folded;
/** Folded buckets, surface features and a constant. */
export const taskKindDimensions = foldedDimensions + denseDimensions + 1;

const foldOf = (index: number): number =>
  index < wordBuckets ? index % folded : folded + ((index - wordBuckets) % folded);

/** Weight of the surface features beside the words and 4-grams, each part of length 1. */
const denseWeight = 0.5;

/** Calls back with each coordinate of a prompt; a bucket may come more than once. */
export const eachCoordinate = (
  { indices, values, dense }: PromptFeatures,
  visit: (place: number, value: number) => void,
): void => {
  let words = 0;
  let grams = 0;
  for (let at = 0; at < indices.length; at += 1) {
    const square = (values[at] ?? 0) ** 2;
    if ((indices[at] ?? 0) < wordBuckets) words += square;
    else grams += square;
  }
  const wordScale = words > 0 ? 1 / Math.sqrt(words) : 0;
  const gramScale = grams > 0 ? 1 / Math.sqrt(grams) : 0;
  for (let at = 0; at < indices.length; at += 1) {
    const index = indices[at] ?? 0;
    visit(foldOf(index), (values[at] ?? 0) * (index < wordBuckets ? wordScale : gramScale));
  }
  for (let at = 0; at < dense.length; at += 1) visit(foldedDimensions + at, (dense[at] ?? 0) * denseWeight);
  visit(taskKindDimensions - 1, 1);
};

/** One bit for each bucket of the whole, unfolded space: whether training prompts held it. */
export const seenBytes = (wordBuckets + gramBuckets) / 8;

/** Share of a prompt's words and 4-grams that training prompts held too, 0–1; 0 for an empty prompt. */
export const seenShare = ({ indices }: PromptFeatures, seen: Uint8Array): number => {
  let known = 0;
  for (const index of indices) known += ((seen[index >> 3] ?? 0) >> (index & 7)) & 1;
  return indices.length === 0 ? 0 : known / indices.length;
};
