import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../../../test/support/make-call.ts";
import { readShippedPrior } from "../../../runtime/shipped-files.ts";
import { featuresOf } from "../features/features-of.ts";
import { decodeModel } from "../model-file/decode-model.ts";
import { openPrior } from "../model-prior.ts";
import { fittedMapping } from "./fitted.ts";
import { openShippedPrior } from "./shipped-prior.ts";

let reads = 0;
const read = (): Uint8Array => {
  reads++;
  return readShippedPrior();
};
const facts = (output: number, releaseDate: string) => ({ price: { input: 0, output }, releaseDate });
const easy = "A box holds 6 eggs. How many eggs are in 4 boxes?";
const hard = "Let $f(x)=x^3+ax^2+bx+c$ have three integer roots with $f(1)=15$. Find the number of ordered triples.";

describe("the shipped prior", () => {
  const prior = openShippedPrior(read);
  const [known, newer, unheard] = [
    makeTarget("a/gpt-4o-mini"),
    makeTarget("b/gpt-5-nano", facts(0.4, "2025-08-07")),
    makeTarget("c/unheard-of"),
  ];
  if (known === undefined || newer === undefined || unheard === undefined) throw new Error("three targets");

  test("is read once for a process, however many routes ask for it", () => {
    expect(openShippedPrior(read).version).toBe(prior.version);
    openPrior("shipped", { readShippedPrior: read });
    expect(reads).toBe(1);
    expect(prior.version).toMatch(/^shipped-[0-9a-f]{1,8}$/);
  });

  test("tells easy prompts from hard ones, of models that it does not know too", () => {
    const [onEasy, onHard] = [prior.look(featuresOf(easy), easy), prior.look(featuresOf(hard), hard)];
    for (const target of [known, newer, unheard])
      expect(onEasy.of(target).logit, target.id).toBeGreaterThan(onHard.of(target).logit + 0.5);
  });

  test("tells the parts of what it expects, and they add up", () => {
    for (const prompt of [easy, hard, "", "x".repeat(1_000_000)]) {
      const view = prior.look(featuresOf(prompt), prompt);
      for (const target of [known, newer, unheard]) {
        const { logit, terms } = view.of(target);
        expect(Object.values(terms).reduce((sum, part) => sum + part, 0)).toBeCloseTo(logit, 6);
        expect(Number.isFinite(logit)).toBe(true);
      }
    }
  });

  test("is surest of what it was trained on", () => {
    const doubts = [known, newer, unheard].map((target) => prior.doubt?.(target) ?? 0);
    expect(doubts).toEqual(doubts.toSorted((a, b) => a - b));
  });

  test("knows in its file every model that names are mapped to", () => {
    const held = decodeModel(readShippedPrior(), "prior.model").models;
    for (const { name } of fittedMapping.models) expect(held).toContain(name);
  });

  test("that is damaged is told of, and prices are the prior", () => {
    for (const broken of [new Uint8Array(0), readShippedPrior().subarray(0, 5_000), new Uint8Array(100)])
      expect(openPrior("shipped", { readShippedPrior: () => broken })).toMatchObject({
        prior: { version: "facts-1" },
        problem: expect.stringContaining("comes with the program"),
      });
  });

  test("stays away where prices are asked for", () => {
    expect(openPrior("prices", { readShippedPrior: read }).prior.version).toBe("facts-1");
    expect(openPrior("shipped", {}).prior.version).toBe("facts-1");
  });
});
