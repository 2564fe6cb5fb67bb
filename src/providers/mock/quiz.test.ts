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

  test("comes to a final answer in the kinds that have one: who is right to the same, who is wrong to another", () => {
    const finals = quizSchema.parse({
      ...quiz,
      models: { poet: { sums: 0.5 }, sage: { sums: 0.5 } },
      finals: ["sums"],
    });
    const numbers: Readonly<Record<string, Set<string>>> = { right: new Set(), wrong: new Set() };
    for (let number = 0; number < 50; number++) {
      const prompt = `add up ${number}`;
      const said = ["poet", "sage"].map((model) =>
        /^(right|wrong): .* The answer is (\d+)\.$/.exec(answerQuiz(finals, model, prompt)),
      );
      const [one, other] = said;
      const areRight = one?.[1] === "right" && other?.[1] === "right";
      expect(one?.[2] === other?.[2]).toBe(areRight);
      for (const found of said) numbers[found?.[1] ?? ""]?.add(found?.[2] ?? "");
    }
    expect(numbers["right"]?.size).toBeGreaterThan(20);
    expect(answerQuiz(finals, "poet", "a poem")).not.toContain("The answer is");
  });
});
