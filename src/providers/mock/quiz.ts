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
  /** Length of an answer. */
  words: z.number().int().min(1).max(1_000).default(40),
});
export type Quiz = z.output<typeof quizSchema>;

/** Whether a model of the quiz gets a prompt right: always the same for the same prompt. */
export const isRight = ({ kinds, models }: Quiz, model: string, prompt: string): boolean => {
  const kind = Object.entries(kinds).find(([, words]) => prompt.includes(words))?.[0];
  const share = kind === undefined ? 0 : (models[model]?.[kind] ?? 0);
  return randomFrom(hash(`${model}\n${prompt}`))() < share;
};

/** The answer begins with "right" or "wrong". */
export const answerQuiz = (quiz: Quiz, model: string, prompt: string): string =>
  `${isRight(quiz, model, prompt) ? "right" : "wrong"}: ${sentences(hash(prompt), quiz.words)}`;
