import { randomFrom } from "./tokens.ts";

const subjects = ["The llama", "A router", "The gateway", "Every request", "A quiet server", "The model", "One token"];
const verbs = ["follows", "measures", "carries", "answers", "remembers", "crosses", "prefers", "explains"];
const objects = [
  "the mountain path",
  "a short prompt",
  "the slow stream",
  "its own ledger",
  "a green meadow",
  "the bill",
];
const endings = ["before dawn", "with great care", "as the evidence asks", "without a sound", "in good order"];

const pick = (list: readonly string[], random: () => number): string => list[Math.floor(random() * list.length)] ?? "";

/** Plain sentences from a seed; exactly `words` words where that is given. */
export const sentences = (seed: number, words: number | undefined): string => {
  const random = randomFrom(seed);
  const wanted = words ?? 20 + Math.floor(random() * 40);
  const result: string[] = [];
  while (result.length < wanted) {
    const sentence = [pick(subjects, random), pick(verbs, random), pick(objects, random), pick(endings, random)].join(
      " ",
    );
    result.push(...`${sentence}.`.split(" "));
  }
  return words === undefined ? result.join(" ") : result.slice(0, words).join(" ");
};
