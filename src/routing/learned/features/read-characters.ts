import { countGram, countWord } from "./hashed-counts.ts";
import type { SurfaceCounts } from "./surface.ts";
import { hashStart, hashStep, wordKinds } from "./word-kinds.ts";

const space = 32;
const digitClass = 48;

/** What a character counts for, beside being part of a word. */
const countSign = (counts: SurfaceCounts, code: number): void => {
  counts.punctuation++;
  if (code === 63) counts.questionMarks++;
  if (code === 63 || code === 46 || code === 33) counts.sentences++;
  else if (code === 92) counts.backslashes++;
  else if (code === 36) counts.dollars++;
  else if (code === 96) counts.fences++;
  else if (code === 34 || code === 39) counts.quotes++;
  else if (code === 40 || code === 41 || code === 91 || code === 93) counts.brackets++;
  else if (code === 123 || code === 125 || code === 59 || code === 95) counts.codeSigns++;
  else if (code === 43 || code === 42 || code === 47 || code === 61 || code === 94 || code === 60 || code === 62)
    counts.operators++;
  if (code === 36 || code === 37) counts.money++;
};

/**
 * One pass over `text` from `from` to `to`: notes words, pairs and 4-grams, and counts what the surface shows. Upper
 * case counts as lower, every digit as the same, all space as one, so that numbers and layout make no new words.
 */
export const readCharacters = (text: string, from: number, to: number, counts: SurfaceCounts): void => {
  let word = hashStart;
  let wordLength = 0;
  let numberLength = 0;
  let wordBefore = 0;
  let optionAt = -1;
  let gram = 0x20202020;
  let atLineStart = true;
  let lastNormal = space;
  const endWord = (): void => {
    if (wordLength > 0) {
      countWord(word);
      if (wordBefore !== 0) countWord(Math.imul(wordBefore, 31) ^ word);
      wordBefore = word;
      counts.words++;
      counts.wordCharacters += wordLength;
      if (wordLength > counts.longestWord) counts.longestWord = wordLength;
      const kind = wordKinds.get(word);
      if (kind !== undefined) counts[kind]++;
      word = hashStart;
      wordLength = 0;
    }
    if (numberLength > 0) {
      counts.numbers++;
      if (numberLength > 3) counts.longNumbers++;
      numberLength = 0;
    }
  };
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    let normal = code;
    if (code >= 65 && code <= 90) {
      counts.upper++;
      if (atLineStart && code <= 74) optionAt = at;
      normal = code + 32;
    } else if (code >= 48 && code <= 57) {
      counts.digits++;
      normal = digitClass;
    } else if (code <= 32) normal = space;
    if (code > 127) counts.nonAscii++;

    if ((normal >= 97 && normal <= 122) || normal > 127 || normal === digitClass) {
      if (normal === digitClass) numberLength++;
      // All numbers of the same length are one word.
      word = hashStep(word, normal);
      wordLength++;
      counts.last = code;
    } else {
      endWord();
      if (normal === space) {
        if (code === 10) {
          counts.lines++;
          if (at + 1 < to && text.charCodeAt(at + 1) <= 32) counts.indented++;
        }
      } else {
        if (optionAt === at - 1 && (code === 46 || code === 41 || code === 58)) counts.options++;
        countSign(counts, code);
        wordBefore = 0;
        counts.last = code;
      }
    }
    atLineStart = code === 10 || (atLineStart && (code === space || code === 40));
    if (normal !== space || lastNormal !== space) {
      gram = ((gram << 8) | ((normal > 127 ? (normal ^ (normal >>> 8)) | 0x80 : normal) & 0xff)) >>> 0;
      countGram(gram);
    }
    lastNormal = normal;
  }
  endWord();
};
