import { describe, expect, test } from "bun:test";
import { withoutQuotes } from "./without-quotes.ts";

const request = {
  model: "a-model-with-a-long-name",
  messages: [
    { role: "user", content: "The treasure lies beneath the old oak tree." },
    { role: "user", content: [{ kind: "text", text: "short" }] },
  ],
  stop: ["and the password is swordfish"],
};

describe("without quotes", () => {
  test.each([
    ["what a provider says by itself stays", "max_tokens is too large: 5000", "max_tokens is too large: 5000"],
    [
      "a quote goes, what is around it stays",
      "Invalid prompt 'The treasure lies beneath the old oak tree.' (code 7)",
      "Invalid prompt '[…]' (code 7)",
    ],
    ["a part of one goes", "near: lies beneath the old", "near:[…]"],
    ["two quotes go", "a: treasure lies b; c: password is sword", "a:[…]; c:[…]"],
    ["one that begins and ends the text goes", "treasure lies beneath", "[…]"],
    ["a few characters are no quote", "treasure lie", "[…]"],
    ["fewer are none", "treasure li", "treasure li"],
    ["the model's name stays", "no such model: a-model-with-a-long-name", "no such model: a-model-with-a-long-name"],
    ["nothing stays nothing", "", ""],
  ])("%s", (_, text, expected) => {
    expect(withoutQuotes(text, request)).toBe(expected);
  });

  test("any piece of a random text of a request is found, and nothing else is touched", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    let state = seed;
    const draw = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((state / 0x80000000) * below);
    };
    const said = Array.from({ length: 5_000 }, () => String.fromCharCode(0x4e00 + draw(20_000))).join("");
    for (let turn = 0; turn < 200; turn++) {
      const [start, length] = [draw(4_900), 12 + draw(80)];
      const piece = said.slice(start, start + length);
      expect([seed, withoutQuotes(`before ${piece} after`, { content: said })]).toEqual([seed, "before […] after"]);
    }
  });
});
