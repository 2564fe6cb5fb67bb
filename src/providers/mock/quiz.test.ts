import { describe, expect, test } from "bun:test";
import { answerQuiz, isRight, quizSchema } from "./quiz.ts";

const quiz = quizSchema.parse({
  kinds: { sums: "add up", verses: "a poem" },
  models: { poet: { sums: 0.2, verses: 0.9 }, blank: {} },
});
const rightShare = (model: string, prompt: (number: number) => string): number =>
  Array.from({ length: 2_000 }, (_, number) => isRight(quiz, model, prompt(number))).filter(Boolean).length / 2_000;

describe("the mock's quiz", () => {
  test("is right as often as its table says, by the kind of prompt", () => {
    expect(Math.abs(rightShare("poet", (number) => `add up ${number}`) - 0.2)).toBeLessThan(0.03);
    expect(Math.abs(rightShare("poet", (number) => `a poem of ${number} lines`) - 0.9)).toBeLessThan(0.03);
    expect(rightShare("poet", (number) => `anything ${number}`)).toBe(0);
    expect(rightShare("blank", (number) => `add up ${number}`)).toBe(0);
  });

  test("gives the same answer to the same prompt, of the length that was asked for", () => {
    const answer = answerQuiz(quiz, "poet", "a poem of 3 lines");
    expect(answerQuiz(quiz, "poet", "a poem of 3 lines")).toBe(answer);
    expect(answer).toMatch(/^(right|wrong): /);
    expect(answer.split(" ")).toHaveLength(41);
  });
});
