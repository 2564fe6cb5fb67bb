import { describe, expect, test } from "bun:test";
import { draw, trialChances } from "./explore.ts";

const prospects = [
  { utility: 0.5, doubt: 0.1 },
  { utility: 0.7, doubt: 0.05 },
  { utility: 0.2, doubt: 0.3 },
  { utility: 0.69, doubt: 0.02 },
];

describe("trials", () => {
  test("go to each in proportion to what speaks for it, and to none never", () => {
    const chances = trialChances(prospects);
    expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 12);
    expect(Math.min(...chances)).toBeGreaterThanOrEqual(0.05);
    // A near rival is tried more than a bad target of which little is known, and than one that is surely worse.
    expect(chances[3]).toBeGreaterThan(chances[2] as number);
    expect(chances[2]).toBeGreaterThan(chances[0] as number);
  });

  for (const favourite of [undefined, 1])
    test(`are taken as often as their propensity says${favourite === undefined ? "" : ", with a favourite"}`, () => {
      const counts = [0, 0, 0, 0];
      const said = [0, 0, 0, 0];
      const steps = 100_000;
      for (let step = 0; step < steps; step++) {
        const dice = { share: 0.2, uniform: (step + 0.5) / steps, ...(favourite === undefined ? {} : { favourite }) };
        const { place, propensity, explored } = draw(3, prospects, dice);
        if (explored !== (place !== 3)) throw new Error(`a trial of the choice counts as one: step ${step}`);
        counts[place] = (counts[place] as number) + 1 / steps;
        said[place] = propensity;
      }
      for (const place of [0, 1, 2, 3]) expect(counts[place]).toBeCloseTo(said[place] as number, 4);
      expect(said.reduce((sum, propensity) => sum + propensity, 0)).toBeCloseTo(1, 12);
    });

  test("do not happen where there is no share, or nothing to try", () => {
    expect(draw(2, prospects, { share: 0, uniform: 0 })).toEqual({ place: 2, propensity: 1, explored: false });
    expect(draw(0, prospects.slice(0, 1), { share: 0.2, uniform: 0 }).propensity).toBe(1);
  });
});
