/** Version of the feature space. Features of different versions never mix: heads and stored features name theirs. */
export const featureVersion = 1;

/** Buckets of words and word pairs; the buckets of character 4-grams follow them. */
export const wordBuckets = 16_384;
export const gramBuckets = 16_384;
/** Size of the hashed space: every index is below it. */
export const hashedDimensions = wordBuckets + gramBuckets;

/** At most this many words and pairs, and this many 4-grams, of a prompt are kept. */
export const wordCapacity = 256;
export const gramCapacity = 320;

/** What is known of a prompt without asking anybody: it says what kind of text it is, and cannot be read back. */
export interface PromptFeatures {
  /** Hashed words, pairs and 4-grams that occur: ascending, without repetition, each below {@link hashedDimensions}. */
  readonly indices: Uint16Array;
  /** Weight of each index: 1, or {@link repeatedWeight} for what occurs again. Not normalised. */
  readonly values: Float32Array;
  /** Surface features in the order of `denseNames`, each 0–1. */
  readonly dense: Float32Array;
}

/** Weight of a word or 4-gram that occurs more than once. */
export const repeatedWeight = 1.6;
