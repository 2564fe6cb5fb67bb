import { SeededRandom } from "../../support/seeded-random.ts";

/** Words of one to four bytes a character: a cut falls within a character often. */
const words = [
  "alpha",
  "naïve",
  "Größe",
  "東京",
  "🚀",
  "Ωmega",
  "река",
  "e\u0301tude",
  "👩‍🚀",
  "plain",
  '"quoted"',
  "back\\slash",
  "line\nbreak",
  "100 %",
  "{brace}",
  "data: x",
];

/** The answer that a seed stands for: the same on every target, so that one can take over from another. */
export const textOf = (seed: number, wordCount: number): string => {
  const random = new SeededRandom(seed);
  return Array.from({ length: wordCount }, () => random.pick(words)).join(" ");
};

/** Cuts a text into pieces of two to eight characters; each target cuts at other places. */
export const piecesOf = (text: string, seed: number): readonly string[] => {
  const random = new SeededRandom(seed);
  const characters = [...text];
  const pieces: string[] = [];
  while (characters.length > 0) pieces.push(characters.splice(0, random.between(2, 8)).join(""));
  return pieces;
};

/** How the upstream counts: four UTF-16 units to a token, so that a count from the text alone can be held against it. */
export const tokensOf = (units: number): number => Math.ceil(units / 4);

/** What every prompt is said to have. */
export const promptTokens = 17;

/** A number for a name, to seed with. */
export const seedOf = (name: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return hash >>> 0;
};
