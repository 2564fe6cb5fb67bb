import { SeededRandom } from "./seeded-random.ts";

const words =
  "river stone market window garden engine paper winter silver bridge morning coffee planet forest ticket harbour lantern valley copper thunder meadow castle violin pepper rocket blanket mirror orange desert candle".split(
    " ",
  );
const names = "Ada Grace Linus Edsger Barbara Donald Alan Margaret Ken Radia".split(" ");

/** Prompts of five kinds that share no more than prompts of such kinds do. */
/** Words that stand in the prompts of one kind only. */
export const kindWords: Readonly<Record<string, string>> = {
  arithmetic: "in total",
  code: "python function",
  translation: "into French",
  facts: "Who was the first",
  summary: "Summarise",
};

const templates: Readonly<Record<string, (word: () => string, number: () => number) => string>> = {
  arithmetic: (word, number) =>
    `${word()} costs ${number()} dollars and ${word()} costs ${number()}. How much do ${number()} of each cost in total? Give the number.`,
  code: (word, number) =>
    `Write a python function ${word()}_${word()}(items) that returns a list of every ${word()} longer than ${number()}. def ${word()}(items):`,
  translation: (word) =>
    `Translate into French: The ${word()} near the ${word()} was hidden behind a ${word()} until ${word()}.`,
  facts: (word, number) =>
    `Who was the first person to build a ${word()} in ${1000 + number()}, and which ${word()} was it?`,
  summary: (word) =>
    `Summarise this meeting in one sentence. ${names[0]}: we need the ${word()} before the ${word()}. ${names[1]}: the ${word()} is late because of ${word()}.`,
};

export const promptKinds: readonly string[] = Object.keys(templates);

export interface KindPrompt {
  readonly kind: string;
  readonly text: string;
}

/** Prompts of all kinds in equal parts, from a seed. */
export const promptsFrom = (seed: number): (() => KindPrompt) => {
  const random = new SeededRandom(seed).next;
  const word = (): string => words[Math.floor(random() * words.length)] as string;
  const number = (): number => 2 + Math.floor(random() * 90);
  return () => {
    const kind = promptKinds[Math.floor(random() * promptKinds.length)] as string;
    return { kind, text: (templates[kind] as (typeof templates)[string])(word, number) };
  };
};
