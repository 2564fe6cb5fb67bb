const sentences: readonly string[] = [
  "A gateway is only as good as its worst minute. ",
  "Streams die in the middle of a word – “even of this one”. ",
  "Nothing that was paid for may be lost, 東京 included. ",
  "What was begun is finished, or said to be broken. ",
];

/** Answers of different targets differ from the first character on, unless they are to be alike. */
export const answerText = (index: number): string => {
  const turn = index % sentences.length;
  const turned = [...sentences.slice(turn), ...sentences.slice(0, turn)].join("");
  return index < sentences.length ? turned : `${index}. ${turned}`;
};

/** The text in pieces of about a word, as models send it. */
export const inPieces = (text: string): readonly string[] => text.match(/\S+\s*|\s+/g) ?? [];

/** What a tokenizer would about make of it: only a figure to bill. */
export const tokensOf = (text: string): number => Math.max(1, Math.ceil(text.length / 4));
