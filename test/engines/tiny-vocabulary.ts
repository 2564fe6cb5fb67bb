/** How readily a random model should say a token; everything else about its weights is noise. */
export type Readiness = "usual" | "rare" | "never";

/** One entry of the vocabulary; `kind` is the number that llama.cpp's tokenizer knows. */
export interface VocabularyToken {
  readonly text: string;
  readonly kind: number;
  readonly score: number;
  readonly readiness: Readiness;
}

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;
const BYTE = 6;

export const UNKNOWN_TOKEN_ID = 0;
export const BEGIN_TOKEN_ID = 1;
export const END_TOKEN_ID = 2;
export const TOOL_CALL_TOKEN_ID = 3;

// Some are not ASCII, so that a relay which cuts text at byte boundaries is found out.
const WORDS =
  "a and are at by cat door even far for from green has hill house in is it light little long moon not of old on one or " +
  "over rain river road said sea slow snow some star stone tall that the then there they this to tree under was water " +
  "wind with yet you café naïve größer 東京 мир 🙂 🌧️";

/** Control tokens, all 256 bytes (so that any text tokenises), printable ASCII, and a few words for it to say. */
export const tinyVocabulary = (): VocabularyToken[] => [
  { text: "<unk>", kind: UNKNOWN, score: 0, readiness: "never" },
  { text: "<s>", kind: CONTROL, score: 0, readiness: "never" },
  { text: "</s>", kind: CONTROL, score: 0, readiness: "never" },
  { text: "<tool_call>", kind: USER_DEFINED, score: 0, readiness: "never" },
  ...Array.from({ length: 256 }, (_, byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
    kind: BYTE,
    score: 0,
    readiness: "never" as const,
  })),
  ...printableAscii().map((text, index) => ({
    text,
    kind: NORMAL,
    score: -1000 - index,
    // A quotation mark must be likely, or a string inside forced JSON would never end.
    readiness: text === '"' || text === "." ? ("usual" as const) : ("rare" as const),
  })),
  ...WORDS.split(" ").map((word, index) => ({
    text: `▁${word}`,
    kind: NORMAL,
    score: -index,
    readiness: "usual" as const,
  })),
];

// The tokenizer writes a space as "▁".
const printableAscii = (): string[] => [
  "▁",
  ...Array.from({ length: 0x7e - 0x20 }, (_, index) => String.fromCharCode(0x21 + index)),
];
