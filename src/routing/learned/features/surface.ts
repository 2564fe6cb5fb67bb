/** The surface features, in their order. */
export const denseNames = [
  "length",
  "words",
  "lines",
  "sentences",
  "digitShare",
  "numbers",
  "longNumbers",
  "upperShare",
  "punctuationShare",
  "nonAsciiShare",
  "wordLength",
  "longestWord",
  "latex",
  "dollars",
  "codeSigns",
  "codeWords",
  "fences",
  "indented",
  "options",
  "questionMarks",
  "questionWords",
  "endsAsQuestion",
  "endsWithColon",
  "operators",
  "quotes",
  "brackets",
  "mathWords",
  "instructionWords",
  "reasoningWords",
  "negations",
  "moneyOrPercent",
  "shortText",
] as const;

export type DenseName = (typeof denseNames)[number];
export const denseDimensions = denseNames.length;

/** What one pass over the characters counts. */
export interface SurfaceCounts {
  /** Characters of the whole prompt, and of the part that was read. */
  length: number;
  read: number;
  words: number;
  wordCharacters: number;
  longestWord: number;
  lines: number;
  indented: number;
  sentences: number;
  digits: number;
  numbers: number;
  longNumbers: number;
  upper: number;
  punctuation: number;
  nonAscii: number;
  backslashes: number;
  dollars: number;
  codeSigns: number;
  codeWords: number;
  fences: number;
  options: number;
  questionMarks: number;
  questionWords: number;
  operators: number;
  quotes: number;
  brackets: number;
  mathWords: number;
  instructionWords: number;
  reasoningWords: number;
  negations: number;
  money: number;
  /** Code of the last character that is no space. */
  last: number;
}

export const noCounts = (): SurfaceCounts => ({
  length: 0,
  read: 0,
  words: 0,
  wordCharacters: 0,
  longestWord: 0,
  lines: 0,
  indented: 0,
  sentences: 0,
  digits: 0,
  numbers: 0,
  longNumbers: 0,
  upper: 0,
  punctuation: 0,
  nonAscii: 0,
  backslashes: 0,
  dollars: 0,
  codeSigns: 0,
  codeWords: 0,
  fences: 0,
  options: 0,
  questionMarks: 0,
  questionWords: 0,
  operators: 0,
  quotes: 0,
  brackets: 0,
  mathWords: 0,
  instructionWords: 0,
  reasoningWords: 0,
  negations: 0,
  money: 0,
  last: 0,
});

/** A count on a logarithmic scale that reaches 1 at `most`. */
const scaled = (count: number, most: number): number => Math.min(1, Math.log1p(count) / Math.log1p(most));

/** The counts as numbers from 0 to 1, in the order of {@link denseNames}. */
export const denseFrom = (counts: SurfaceCounts): Float32Array => {
  const read = Math.max(1, counts.read);
  const share = (count: number, factor: number): number => Math.min(1, (count / read) * factor);
  return Float32Array.of(
    scaled(counts.length, 100_000),
    scaled(counts.words, 10_000),
    scaled(counts.lines, 1_000),
    scaled(counts.sentences, 200),
    share(counts.digits, 3),
    scaled(counts.numbers, 100),
    scaled(counts.longNumbers, 20),
    share(counts.upper, 4),
    share(counts.punctuation, 3),
    share(counts.nonAscii, 1),
    Math.min(1, counts.words === 0 ? 0 : counts.wordCharacters / counts.words / 12),
    scaled(counts.longestWord, 40),
    scaled(counts.backslashes, 50),
    scaled(counts.dollars, 30),
    scaled(counts.codeSigns, 200),
    scaled(counts.codeWords, 30),
    scaled(counts.fences, 6),
    scaled(counts.indented, 100),
    scaled(counts.options, 10),
    scaled(counts.questionMarks, 10),
    scaled(counts.questionWords, 10),
    counts.last === 63 ? 1 : 0,
    counts.last === 58 ? 1 : 0,
    scaled(counts.operators, 60),
    scaled(counts.quotes, 60),
    scaled(counts.brackets, 100),
    scaled(counts.mathWords, 20),
    scaled(counts.instructionWords, 10),
    scaled(counts.reasoningWords, 30),
    scaled(counts.negations, 10),
    scaled(counts.money, 20),
    counts.length < 100 ? 1 : 0,
  );
};
