import { describe, expect, test } from "bun:test";
import { SeededRandom } from "../../../../test/support/seeded-random.ts";
import { bootstrap, empiricalBernstein } from "./bounds.ts";
import {
  doublyRobust,
  doublyRobustTerms,
  inversePropensity,
  inversePropensityTerms,
  type LoggedReward,
  mean,
  selfNormalised,
} from "./off-policy.ts";

/** Share of right answers of three targets on two kinds of prompts. */
const right = [
  [0.9, 0.3, 0.6],
  [0.2, 0.8, 0.6],
] as const;
/** The log was made by a policy that mostly took target 2; the judged one takes the best for each kind. */
const logging = [0.15, 0.15, 0.7] as const;
const judged = [0, 1] as const;
const truth = (0.9 + 0.8) / 2;

const logOf = (seed: number, calls: number, model: (kind: number, target: number) => number): LoggedReward[] => {
  const random = new SeededRandom(seed).next;
  return Array.from({ length: calls }, () => {
    const kind = random() < 0.5 ? 0 : 1;
    const uniform = random();
    const target = uniform < logging[0] ? 0 : uniform < logging[0] + logging[1] ? 1 : 2;
    return {
      propensity: logging[target],
      reward: random() < (right[kind][target] as number) ? 1 : 0,
      target: target === judged[kind] ? 1 : 0,
      expectedLogged: model(kind, target),
      expectedPolicy: model(kind, judged[kind]),
    };
  });
};

const wrongModel = (): number => 0.5;
const rightModel = (kind: number, target: number): number => right[kind]?.[target] as number;

/** Share of the seeds for which the 95 % interval of the value ± 1.96 standard errors holds the truth. */
const coverage = (
  estimate: (calls: readonly LoggedReward[]) => { value: number; standardError: number },
  model = wrongModel,
): number => {
  let held = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const { value, standardError } = estimate(logOf(seed, 400, model));
    if (Math.abs(value - truth) <= 1.96 * standardError) held++;
  }
  return held / 300;
};

describe("off-policy estimates", () => {
  const cases = [
    ["inverse propensity", inversePropensity],
    ["self-normalised", selfNormalised],
    ["doubly robust with a wrong model", doublyRobust],
  ] as const;
  for (const [name, estimate] of cases)
    test(`${name}: the interval holds the truth in about 95 % of the seeds`, () => {
      expect(coverage(estimate)).toBeGreaterThan(0.91);
      expect(coverage(estimate)).toBeLessThan(0.985);
    });

  test("doubly robust is surer with a right model, and right with wrong propensities too", () => {
    const calls = logOf(7, 400, rightModel);
    expect(doublyRobust(calls).standardError).toBeLessThan(inversePropensity(calls).standardError * 0.8);
    const wrongPropensities = logOf(7, 4_000, rightModel).map((call) => ({ ...call, propensity: 0.5 }));
    expect(Math.abs(doublyRobust(wrongPropensities).value - truth)).toBeLessThan(0.03);
    expect(Math.abs(inversePropensity(wrongPropensities).value - truth)).toBeGreaterThan(0.3);
  });

  test("the effective number of calls is that of the calls which agree, where weights are equal", () => {
    const calls = logOf(3, 1_000, wrongModel);
    expect(inversePropensity(calls).effectiveCalls).toBeCloseTo(calls.filter(({ target }) => target === 1).length, 6);
  });

  test("cut weights lower the variance and the value", () => {
    const calls = logOf(5, 1_000, wrongModel);
    expect(inversePropensity(calls, 2).standardError).toBeLessThan(inversePropensity(calls).standardError);
    expect(inversePropensity(calls, 2).value).toBeLessThan(truth);
  });
});

describe("bounds", () => {
  test("empirical Bernstein holds the mean in at least 95 % of the seeds", () => {
    let held = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const terms = inversePropensityTerms(logOf(seed, 400, wrongModel));
      const { lower, upper } = empiricalBernstein(terms, { range: 1 / 0.15, confidence: 0.95 });
      if (lower <= truth && truth <= upper) held++;
    }
    expect(held).toBeGreaterThanOrEqual(190);
  });

  test("the bootstrap is about as wide as the normal interval, and holds the mean mostly", () => {
    let held = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const terms = doublyRobustTerms(logOf(seed, 300, wrongModel));
      const { lower, upper } = bootstrap(terms, {
        random: new SeededRandom(seed).next,
        confidence: 0.95,
        samples: 300,
      });
      expect(lower).toBeLessThan(mean(terms));
      if (lower <= truth && truth <= upper) held++;
    }
    expect(held).toBeGreaterThanOrEqual(89);
  });

  test("nothing is said of one value", () => {
    expect(empiricalBernstein([1], { range: 1, confidence: 0.95 }).lower).toBe(Number.NEGATIVE_INFINITY);
    expect(bootstrap([1], { random: () => 0.5, confidence: 0.95 }).upper).toBe(Number.POSITIVE_INFINITY);
  });
});
