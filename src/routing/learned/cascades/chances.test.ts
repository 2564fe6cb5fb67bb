import { describe, expect, test } from "bun:test";
import { SeededRandom } from "../../../../test/support/seeded-random.ts";
import { agreementChances, checkedChances, qualityFrom, whereSettled, withQuality } from "./chances.ts";

const random = new SeededRandom(7).next;
const quality = (): number => 0.02 + 0.96 * random();

describe("what is assumed of cascades", () => {
  test("are probabilities, whatever the qualities", () => {
    for (const [a, b, c] of [
      [0, 0, 0],
      [1, 1, 1],
      [0, 1, 0.5],
      ...Array.from({ length: 200 }, () => [quality(), quality(), quality()]),
    ])
      for (const chances of [
        agreementChances(a as number, b as number, c as number),
        checkedChances(a as number, c as number),
      ])
        for (const chance of Object.values(chances)) {
          expect(chance).toBeGreaterThanOrEqual(0);
          expect(chance).toBeLessThanOrEqual(1 + 1e-9);
        }
  });

  test("two that agree are right more often than either, and who is asked where they differ less often than else", () => {
    for (let step = 0; step < 200; step++) {
      const [a, b, c] = [0.4 + 0.55 * random(), 0.4 + 0.55 * random(), quality()];
      const { right, otherwise } = agreementChances(a, b, c);
      expect(right).toBeGreaterThan(Math.max(a, b));
      expect(otherwise).toBeLessThan(c);
    }
  });

  test("of what passes its checks more is right, and less where it does not", () => {
    const { settles, right, otherwise } = checkedChances(0.7, 0.9);
    expect(settles).toBeGreaterThan(0.7);
    expect(right).toBeGreaterThan(0.7);
    expect(otherwise).toBeLessThan(0.9);
  });

  test("as the mean over easy and hard prompts, counted out", () => {
    // q = 0.5: right in 0.75 of the easy prompts, and 0.25 of the hard ones.
    const { settles, right, otherwise } = agreementChances(0.5, 0.5, 0.5);
    const [easy, hard] = [0.75 ** 2 + 0.15 * 0.25 ** 2, 0.25 ** 2 + 0.15 * 0.75 ** 2];
    expect(settles).toBeCloseTo((easy + hard) / 2, 9);
    expect(right).toBeCloseTo((0.75 ** 2 + 0.25 ** 2) / (easy + hard), 9);
    expect(otherwise).toBeCloseTo(((1 - easy) * 0.75 + (1 - hard) * 0.25) / (2 - easy - hard), 9);
  });

  test("where the first step never settles, the last answers as it does by itself", () => {
    const chances = agreementChances(0.8, 0.8, 0.9);
    expect(whereSettled(chances, 0, 0.9).otherwise).toBeCloseTo(0.9, 9);
    expect(whereSettled(chances, chances.settles, 0.9)).toEqual(chances);
    expect(whereSettled(chances, 0.99, 0.9)).toEqual({ ...chances, settles: 0.99 });
  });

  test("can be shifted to a quality that is known", () => {
    const chances = agreementChances(0.8, 0.7, 0.9);
    for (const known of [0.6, 0.85, 0.97]) {
      const shifted = withQuality(chances, known);
      expect(qualityFrom(shifted)).toBeCloseTo(known, 3);
      expect(shifted.settles).toBe(chances.settles);
      expect(shifted.right).toBeGreaterThan(shifted.otherwise);
    }
  });
});
