import { describe, expect, test } from "bun:test";
import { assert, property, string } from "fast-check";
import { agree } from "./agree.ts";
import { extractAnswer } from "./extract-answer.ts";
import type { AnswerKind } from "./final-answer.ts";
import { normaliseAnswer } from "./normalise-answer.ts";

describe("one answer, normalised", () => {
  const cases: readonly (readonly [raw: string, answer: string | undefined, kind?: AnswerKind])[] = [
    ["42", "42", "number"],
    [" **42**. ", "42", "number"],
    ["$1,200.00", "1200", "number"],
    ["-$3.50", "-3.5", "number"],
    ["−7", "-7", "number"],
    ["-0", "0", "number"],
    ["€ 5", "5", "number"],
    ["1 200 000 people", "1200000", "number"],
    ["25,000/year", "25000", "number"],
    ["60 km/h", "60", "number"],
    ["45°", "45", "number"],
    ["90^\\circ", "90", "number"],
    ["50 %", "50", "number"],
    ["50\\%", "50", "number"],
    ["\\$18", "18", "number"],
    ["10\\text{ cm}", "10", "number"],
    ["3/4", "0.75", "number"],
    ["\\frac{3}{4}", "0.75", "number"],
    ["-\\dfrac{1}{2}", "-0.5", "number"],
    ["\\frac12", "0.5", "number"],
    ["2 1/2", "2.5", "number"],
    ["2\\frac{1}{2}", "2.5", "number"],
    ["1{,}000", "1000", "number"],
    ["3 \\times 10^{5}", "300000", "number"],
    ["2.5 million dollars", "2500000", "number"],
    ["1e3", "1000", "number"],
    [".5", "0.5", "number"],
    ["x = 5", "5", "number"],
    ["$x=5$", "5", "number"],
    ["about 12 apples", "12", "number"],
    ["(5)", "5", "number"],
    ["5123807309875480094949830", "5123807309875480094949830", "literal"],
    ["(B) Paris", "B", "choice"],
    ["C", "C", "choice"],
    ["D. None of these", "D", "choice"],
    ["option B", "B", "choice"],
    ["Yes, it does", "yes", "boolean"],
    ["False", "false", "boolean"],
    ["['a', 1.0]", '["a",1]', "literal"],
    ["(1, 2)", "(1,2)", "literal"],
    ["{'b': 1, 'a': [True, None]}", '{"a":[true,null],"b":1}', "literal"],
    ["'$x^2$ '", '"$x^2$ "', "literal"],
    ["\\sqrt{2} + 1", "\\sqrt{2}+1", "expression"],
    ["3x", "3x"],
    ["2:00 pm", "2:00 pm", "text"],
    ["The Moon", "moon", "text"],
    ["UPPER case", "UPPER case", "text"],
    ["A dog", "A dog", "text"],
    [".", ".", "text"],
    ["1/0", undefined],
    ["", undefined],
    ["   ", undefined],
    ["9".repeat(3_000), undefined],
  ];
  for (const [raw, answer, kind] of cases)
    test(`${JSON.stringify(raw.slice(0, 40))} → ${answer ?? "none"}`, () => {
      const found = normaliseAnswer(raw);
      if (raw === "1/0") expect(found?.kind).not.toBe("number");
      else expect(found?.answer).toBe(answer as string);
      if (kind !== undefined) expect(found?.kind).toBe(kind);
    });

  test("prose is told from answers", () => {
    const prose = "It depends on the weather. On sunny days one should go out, and on others stay in.";
    expect(normaliseAnswer(prose)).toMatchObject({ kind: "text", isCheckable: false });
  });
});

describe("the final answer of a text", () => {
  const cases: readonly (readonly [what: string, text: string, answer: string | undefined])[] = [
    ["JSON", '{"reasoning": "3 + 4 = 7", "answer": "7"}', "7"],
    ["JSON with a number", '{"answer": 7.0}', "7"],
    ["JSON in a fence, with words around", 'Here:\n```json\n{"answer": "B"}\n```\nHope it helps!', "B"],
    ["JSON with raw line feeds", '{"reasoning": "a\nb", "answer": "12 apples"}', "12"],
    ["JSON with TeX that nobody escaped", '{"answer": "$\\frac{1}{2}$"}', "0.5"],
    ["JSON with TeX that somebody did", '{"answer": "\\\\frac{1}{2}"}', "0.5"],
    ["JSON with quotes nobody escaped", `{"answer": ""eat!""}`, '"eat!"'],
    ["JSON with a quote that needs no escape", `{"answer": "'it\\'s'"}`, '"it\'s"'],
    ["JSON without an end", '{"reasoning": "x", "answer": "7"', "7"],
    ["JSON whose answer has no end", '{"reasoning": "so 3 + 4 = 7", "answer": "7', undefined],
    ["JSON with a list", '{"answer": ["b", 1], "confidence": 1}', '["b",1]'],
    ["the last of several", '{"answer": "1"} no, wait: {"answer": "2"}', "2"],
    ["an empty answer", '{"answer": ""}', undefined],
    ["null", '{"answer": null}', undefined],
    ["a box", "Thus $x = \\boxed{\\frac{3}{4}}$. Done with 5 steps.", "0.75"],
    ["the last box", "\\boxed{1} or rather \\boxed{-2}", "-2"],
    ["hashes", "3 + 4 = 7\n#### 7", "7"],
    [
      "a heading of the fourth level is no answer",
      "#### Step 1: read the question with some care\nand so on",
      undefined,
    ],
    ["a statement", "We add. The answer is 12 apples, because 5 + 7 = 12.", "12"],
    ["a statement in bold", "**Final Answer:** **(C)**", "C"],
    ["a statement on the next line", "Answer:\n42", "42"],
    ["a statement with the option", "The correct answer is option B.", "B"],
    ["code", "It prints\n```python\n[1, 2]\n```", "[1,2]"],
    ["nothing but a letter", "B", "B"],
    ["nothing but a choice", "B) Paris", "B"],
    ["yes or no", "No.", "no"],
    ["a conclusion", "She had 5.\nTherefore she has 5 + 7 = 12 apples in total.", "12"],
    ["a conclusion in money", "So they pay $1,250.", "1250"],
    ["a few words", "Paris", "paris"],
    ["thoughts first", "<think>The answer is 3?</think>The answer is 4.", "4"],
    ["prose", "The French Revolution began in 1789. It changed Europe.", undefined],
    ["a text that breaks off", "So in total we get 5 + 7 = 12, and then for the", undefined],
    ["nothing", "", undefined],
  ];
  for (const [what, text, answer] of cases)
    test(what, () => expect(extractAnswer(text)?.answer).toBe(answer as string));

  test("whatever comes, something or nothing is found, and agrees with itself where it can be checked", () => {
    assert(
      property(string({ maxLength: 200, unit: "binary" }), (text) => {
        for (const given of [text, `{"answer": "${text}"}`, `\\boxed{${text}}`, `the answer is ${text}`]) {
          const found = extractAnswer(given);
          expect(agree(found, found)).toBe(found?.isCheckable === true);
        }
      }),
      { seed: 21, numRuns: 300 },
    );
  });

  // A million characters that begin what is looked for again and again. One that backtracks would take minutes.
  const hostile = [
    '"answer": "',
    "\\boxed{",
    "{",
    "####\n",
    "the answer is ",
    "answer",
    "```",
    "1,",
    "1/",
    "\\\\frac{1}{",
    "= 1 ",
    " ",
    "(",
    "[1,",
    "</think>",
  ];
  for (const piece of hostile)
    test(`a million characters of ${JSON.stringify(piece)} are read through`, () => {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      const found = [extractAnswer(text), extractAnswer(`${text}\n`), normaliseAnswer(text.slice(0, 2_000))];
      expect(found).toHaveLength(3);
    });
});

describe("agreement", () => {
  const cases: readonly (readonly [a: string, b: string, isSame: boolean])[] = [
    ["$1,200", "1200 dollars", true],
    ["1/2", "0.5", true],
    ["0.333", "1/3", false],
    ["0", "-0", true],
    ["B", "(B) Paris", true],
    ["B", "C", false],
    ["'UppEr'", "UppEr", true],
    ["'UppEr'", "'upper'", false],
    ["'a  b'", "'a b'", false],
    ["['a']", '["a"]', true],
    ["(1, 2)", "[1, 2]", false],
    ["{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", true],
    ["paris", "Paris.", true],
    ["yes", "True", false],
    ["12", "12:30", false],
  ];
  for (const [a, b, isSame] of cases)
    test(`${a} ${isSame ? "=" : "≠"} ${b}`, () => {
      expect(agree(normaliseAnswer(a), normaliseAnswer(b))).toBe(isSame);
      expect(agree(normaliseAnswer(b), normaliseAnswer(a))).toBe(isSame);
    });

  test("nothing agrees with nothing, nor prose with itself", () => {
    const prose = normaliseAnswer(
      "It depends. Nobody can say for certain what the weather will be like, least of all me.",
    );
    expect([agree(undefined, undefined), agree(prose, prose)]).toEqual([false, false]);
  });
});
