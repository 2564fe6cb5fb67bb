import { scramble } from "../features/hashed-counts.ts";
import { unpackFeatures } from "../features/pack.ts";
import type { PromptFeatures } from "../features/prompt-features.ts";

/** Uniform in [0, 1), the same for the same text. */
export const uniformOf = (text: string): number => scramble(userNumber("unit", text)) / 4_294_967_296;

/** Stands for a tenant's user, from 1; who it was cannot be told from it. */
export const userNumber = (tenant: string, userId: string): number => {
  let hash = 0x811c9dc5;
  for (const character of `${tenant}\n${userId}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
  return hash >>> 0 || 1;
};

/** Features as they were stored; undefined where there are none, or none of this version. */
export const featuresOrNothing = (packed: string | undefined): PromptFeatures | undefined => {
  if (packed === undefined) return undefined;
  try {
    return unpackFeatures(packed);
  } catch {
    // Of another version of the features: nothing can be learned from it.
    return undefined;
  }
};
