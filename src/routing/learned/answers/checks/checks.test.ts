import { describe, expect, test } from "bun:test";
import { isRefusal } from "./refusal.ts";
import { isTruncated } from "./truncation.ts";

describe("refusals", () => {
  const cases: readonly (readonly [text: string, refuses: boolean])[] = [
    ["I'm sorry, but I can't help with that.", true],
    ["I cannot assist with this request.", true],
    ["I’m unable to browse the internet.", true],
    ["As an AI language model, I do not have opinions.", true],
    ["This request violates our guidelines.", true],
    ["Your request was flagged.", true],
    ["The answer is 42.", false],
    ["I can't stress enough how important tests are.", false],
    ["Sorry for the delay. 12 apples.", false],
    ["He said: 'You cannot pass.'", false],
    [`${"A long and good answer. ".repeat(80)}I cannot say more.`, false],
    [`I cannot see the picture, but here is how to do it. ${"Step by step. ".repeat(100)}`, false],
    ["", false],
  ];
  for (const [text, refuses] of cases)
    test(`${text.slice(0, 50)} → ${refuses}`, () => expect(isRefusal(text)).toBe(refuses));
});

describe("truncation", () => {
  const cases: readonly (readonly [text: string, isCut: boolean, reason?: string])[] = [
    ["All is said", false],
    ["All is said.", true, "length"],
    ["All is said.", false, "stop"],
    ["```js\nlet x = 1;", true],
    ["```js\nlet x = 1;\n```", false],
    ['{"answer": "4', true],
    ['{"answer": "}"', true],
    ['{"answer": "\\"}"}', false],
    ["[1, [2, 3]", true],
    ["[1, 2] and more", false],
    ["", false],
  ];
  for (const [text, isCut, reason] of cases)
    test(`${JSON.stringify(text)} ${reason ?? ""} → ${isCut}`, () => expect(isTruncated(text, reason)).toBe(isCut));

  test("a million marks are read through", () => {
    expect(isTruncated("```".repeat(333_333))).toBe(true);
    expect(isTruncated("[".repeat(1_000_000))).toBe(true);
  });
});
