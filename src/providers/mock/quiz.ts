import { z } from "zod";
import { sentences } from "./sentences.ts";
import { hash, randomFrom } from "./tokens.ts";

/**
 * Models that answer rightly more or less often, by the kind of prompt: so that what learns from feedback can be tried
 * without any model.
 */
export const quizSchema = z.strictObject({
  /** Each kind of prompt by words that stand in such prompts only. */
  kinds: z.record(z.string(), z.string().min(1)),
  /** Each model's share of right answers by kind; none where a kind is not named. */
  models: z.record(z.string().regex(/^[\w.:-]{1,64}$/), z.record(z.string(), z.number().min(0).max(1))),
  /** Kinds whose answers come to a number in the end: right ones to the same, and each wrong one to another. */
  finals: z.array(z.string()).default([]),
  /** Length of an answer. */
  words: z.number().int().min(1).max(1_000).default(40),
});
export type Quiz = z.output<typeof quizSchema>;

const kindOf = ({ kinds }: Quiz, prompt: string): string | undefined =>
  Object.entries(kinds).find(([, words]) => prompt.includes(words))?.[0];

/** Whether a model of the quiz gets a prompt right: always the same for the same prompt. */
export const isRight = (quiz: Quiz, model: string, prompt: string): boolean => {
  const kind = kindOf(quiz, prompt);
  const share = kind === undefined ? 0 : (quiz.models[model]?.[kind] ?? 0);
  return randomFrom(hash(`${model}\n${prompt}`))() < share;
};

const finalOf = (quiz: Quiz, prompt: string, wrongModel: string | undefined): string => {
  const kind = kindOf(quiz, prompt);
  if (kind === undefined || !quiz.finals.includes(kind)) return "";
  const number = wrongModel === undefined ? hash(prompt) % 1_000 : 1_000 + (hash(`${wrongModel}\n${prompt}`) % 100_000);
  return ` The answer is ${number}.`;
};

/** The answer begins with "right" or "wrong". */
export const answerQuiz = (quiz: Quiz, model: string, prompt: string): string => {
  const right = isRight(quiz, model, prompt);
  const final = finalOf(quiz, prompt, right ? undefined : model);
  return `${right ? "right" : "wrong"}: ${sentences(hash(prompt), quiz.words)}${final}`;
};
