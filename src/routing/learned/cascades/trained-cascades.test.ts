import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../../../test/support/make-call.ts";
import { promptsFrom } from "../../../../test/support/prompt-kinds.ts";
import { SeededRandom } from "../../../../test/support/seeded-random.ts";
import { trainRouter } from "../train.ts";
import { trainingRowOf } from "../training-row.ts";
import { agreementChances, qualityFrom } from "./chances.ts";
import { trainedCascades } from "./trained-cascades.ts";

/** Two that are right in 80 % each and a third in 92 %. `twins` always say the same, right or wrong. */
const modelOf = (pair: "twins" | "strangers") => {
  const prompt = promptsFrom(1);
  const random = new SeededRandom(2).next;
  const rows = Array.from({ length: 600 }, (_, number) => {
    const { kind, text } = prompt();
    const one = random() < 0.8;
    const right = { "v/one": one, two: pair === "twins" ? one : random() < 0.8, large: random() < 0.92 };
    const mistakes = {
      "v/one": -1 - number,
      two: pair === "twins" ? -1 - number : -2_000 - number,
      large: -4_000 - number,
    };
    const q = Object.fromEntries(Object.entries(right).map(([name, isRight]) => [name, isRight ? 1 : 0]));
    const ans = Object.fromEntries(
      Object.entries(right).map(([name, isRight]) => [
        name,
        `${isRight ? number : mistakes[name as keyof typeof mistakes]}`,
      ]),
    );
    const c = { "v/one": 0.001, two: 0.0012, large: 0.02 };
    return trainingRowOf({ id: `${number}`, task: kind, prompt: text, q, c, ans });
  });
  return trainRouter(rows);
};

const candidates = ["v/one", "any/two", "any/large", "any/unknown"].map((id) => ({
  target: makeTarget(id),
  weight: 1,
}));
const action = "any/two + v/one + any/large";

describe("cascades of a model file", () => {
  const read = (pair: "twins" | "strangers") => trainedCascades(modelOf(pair), candidates);
  const [twins, strangers] = [read("twins"), read("strangers")];

  test("know how often two agree, and what that is worth: of two that say the same, nothing", () => {
    const chances = twins(action, [0.8, 0.8, 0.92]);
    if (chances === undefined) throw new Error("nothing was trained");
    expect(chances.settles).toBeGreaterThan(0.95);
    expect(Math.abs(qualityFrom(chances) - 0.8)).toBeLessThan(0.06);
    expect(qualityFrom(agreementChances(0.8, 0.8, 0.92))).toBeGreaterThan(0.9);
  });

  test("of two that err each in its own way, much", () => {
    const chances = strangers(action, [0.8, 0.8, 0.92]);
    if (chances === undefined) throw new Error("nothing was trained");
    expect(Math.abs(chances.settles - 0.64)).toBeLessThan(0.1);
    expect(qualityFrom(chances)).toBeGreaterThan(0.93);
  });

  test("nothing of others, and nothing where fewer than three targets stand in the file", () => {
    expect(strangers("any/unknown + v/one + any/large", [0.8, 0.8, 0.9])).toBeUndefined();
    expect(trainedCascades(modelOf("strangers"), candidates.slice(0, 2))(action, [0.8, 0.8, 0.9])).toBeUndefined();
  });
});
