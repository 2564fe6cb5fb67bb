/** Start and step of the word hash (FNV-1a on UTF-16 units). */
export const hashStart = 0x811c9dc5;
export const hashStep = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193);

const hashOf = (word: string): number => {
  let hash = hashStart;
  for (let at = 0; at < word.length; at++) hash = hashStep(hash, word.charCodeAt(at));
  return hash;
};

/** The kinds of words that are counted, by the name of their count. */
export type WordKind =
  | "codeWords"
  | "questionWords"
  | "mathWords"
  | "instructionWords"
  | "reasoningWords"
  | "negations";

const lists: Readonly<Record<WordKind, string>> = {
  codeWords:
    "def return import function class const var let lambda assert print elif else self null none true false int str float list dict array string code python javascript java rust sql select async await public static void include struct program algorithm",
  questionWords: "what which who whom whose when where why how",
  mathWords:
    "prove solve equation integer integers polynomial triangle sum product matrix theorem compute evaluate probability function real angle prime derivative integral vector modulo remainder digits sequence circle frac sqrt perimeter area volume fraction",
  instructionWords:
    "write explain describe summarize summarise translate create generate implement list give design rewrite draft compose compare analyze analyse classify extract convert complete",
  reasoningWords:
    "each every then after before total more less than twice half times per if because therefore remaining left altogether first second finally must only",
  negations: "not no never except neither nor without cannot false incorrect least",
};

/** The kind of a word (in lower case) by its hash. */
export const wordKinds: ReadonlyMap<number, WordKind> = new Map(
  (Object.entries(lists) as [WordKind, string][]).flatMap(([kind, list]) =>
    list.split(" ").map((word) => [hashOf(word), kind] as const),
  ),
);
