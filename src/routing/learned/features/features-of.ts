import { takeCounts } from "./hashed-counts.ts";
import type { PromptFeatures } from "./prompt-features.ts";
import { readCharacters } from "./read-characters.ts";
import { denseFrom, noCounts } from "./surface.ts";

/** Of a longer prompt, this many characters of its head and of its tail are read. */
const headCharacters = 4_096;
const tailCharacters = 2_048;

/**
 * Features of a prompt: hashed words, word pairs and character 4-grams, and what its surface shows. Costs some 0.05 ms
 * for usual prompts, and not more for a prompt of any length than for one of 6,144 characters; of longer ones the head
 * and the tail are read. An empty prompt has no indices. Never throws.
 */
export const featuresOf = (text: string): PromptFeatures => {
  const counts = noCounts();
  counts.length = text.length;
  if (text.length <= headCharacters + tailCharacters) {
    counts.read = text.length;
    readCharacters(text, 0, text.length, counts);
  } else {
    counts.read = headCharacters + tailCharacters;
    readCharacters(text, 0, headCharacters, counts);
    readCharacters(text, text.length - tailCharacters, text.length, counts);
  }
  return { ...takeCounts(), dense: denseFrom(counts) };
};
