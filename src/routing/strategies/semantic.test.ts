import { describe, expect, test } from "bun:test";
import { ExampleIndex } from "./example-index.ts";
import { Bench, orderOf, type Targets } from "./testing.ts";

const targets: Targets = { "a/general": {}, "b/coder": {}, "c/math": {}, "d/support": {} };
const settings = {
  kind: "semantic",
  groups: [
    {
      name: "code",
      targets: ["b/coder", "c/math"],
      examples: [
        "Write a Python function that sorts a list of numbers",
        "Why does this TypeScript code throw a null pointer error?",
        "Refactor this class to use dependency injection",
      ],
    },
    { targets: ["math"], examples: ["Solve the equation 3x + 5 = 20", "What is the derivative of x^2 sin(x)?"] },
    {
      targets: ["d/*"],
      examples: [
        "I want my money back for the order I placed",
        "Where is my package?",
        "How do I cancel my subscription?",
      ],
    },
  ],
};

describe("semantic", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["Write a function in Python that reverses a string", "bcad"],
    ["My TypeScript program throws an error", "bcad"],
    ["Solve for x: 2x - 7 = 9", "cabd"],
    ["what's the derivative of cos x", "cabd"],
    ["cancel my subscription please", "dabc"],
    ["my package hasn't arrived yet", "dabc"],
    ["What is the capital of France?", "abcd"],
    ["Tell me a joke about cats", "abcd"],
    ["", "abcd"],
    ["\u0000\uD800", "abcd"],
  ];
  for (const [text, expected] of cases)
    test(JSON.stringify(text), () => {
      expect(orderOf(settings, targets, { text })).toBe(expected);
    });

  test("what is like no example goes by another strategy, which may exclude", () => {
    const otherwise = { kind: "quality-first", floor: "high" };
    const some: Targets = { ...targets, "b/coder": { qualityTier: "high" } };
    expect(orderOf({ ...settings, otherwise }, some, { text: "hello" })).toBe("b|acd");
    expect(orderOf({ ...settings, otherwise }, some, { text: "cancel my subscription" })).toBe("b|acd");
  });

  test("says which examples it was like, and how much", () => {
    const { ranked } = new Bench(settings, targets).rank({ text: "Where is my package?" });
    expect(ranked[0]?.reason).toBe("like an example of group 3 (1.00)");
  });

  test("a likeness is within 0 and 1, and of a text with itself 1", () => {
    const texts = settings.groups.flatMap(({ examples }) => examples);
    const index = new ExampleIndex(texts);
    for (const [example, text] of texts.entries()) {
      expect(index.nearest(text).example).toBe(example);
      expect(index.nearest(text).likeness).toBeCloseTo(1, 6);
      expect(index.nearest(`${text} and something else entirely`).likeness).toBeLessThan(1);
    }
    expect(index.nearest("zzz qqq 你好")).toMatchObject({ likeness: expect.any(Number) });
    expect(index.nearest("")).toEqual({ example: -1, likeness: 0 });
  });
});
