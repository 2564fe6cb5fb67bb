import { describe, expect, test } from "bun:test";
import { SeededRandom } from "../../../../test/support/seeded-random.ts";
import { boundedInterval } from "./bounded-mixture.ts";
import { logBeta, logGamma } from "./log-gamma.ts";
import {
  type ClusteredSample,
  estimateBounded,
  estimateDifference,
  estimateMean,
  mixtureInterval,
  mixturePValue,
} from "./normal-mixture.ts";
import { sampleRatioPValue } from "./sample-ratio.ts";

const alpha = 0.05;

/** So many of `runs` may give a false alarm where each may with a probability of α: three standard deviations above. */
const mostAlarms = (runs: number, level = alpha): number => runs * level + 3 * Math.sqrt(runs * level * (1 - level));

class Clustered {
  readonly #units = new Map<number, { y: number; n: number }>();
  #sums = { units: 0, calls: 0, sum: 0, squares: 0, products: 0, callSquares: 0 };

  add(value: number, unit: number): void {
    const { y, n } = this.#units.get(unit) ?? { y: 0, n: 0 };
    this.#units.set(unit, { y: y + value, n: n + 1 });
    const sums = this.#sums;
    this.#sums = {
      units: this.#units.size,
      calls: sums.calls + 1,
      sum: sums.sum + value,
      squares: sums.squares + (y + value) ** 2 - y ** 2,
      products: sums.products + (y + value) * (n + 1) - y * n,
      callSquares: sums.callSquares + (n + 1) ** 2 - n ** 2,
    };
  }

  get sample(): ClusteredSample {
    return this.#sums;
  }
}

const normal = (random: SeededRandom): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

describe("ln Γ", () => {
  test.each([
    [1, 0],
    [2, 0],
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [10, Math.log(362_880)],
    [171, 706.573_062_245_787],
  ])("of %p", (x, expected) => expect(logGamma(x)).toBeCloseTo(expected, 9));

  test("of both arguments of a Beta function", () => expect(logBeta(2, 3)).toBeCloseTo(Math.log(1 / 12), 12));
});

describe("outcomes of 0 to 1", () => {
  test("an interval holds the mean it was seen at, and narrows", () => {
    const few = boundedInterval({ count: 20, sum: 5 }, alpha);
    const many = boundedInterval({ count: 2_000, sum: 500 }, alpha);
    expect(few.lower).toBeGreaterThan(0);
    expect(few.lower).toBeLessThan(many.lower);
    expect(many.lower).toBeLessThan(0.25);
    expect(many.upper).toBeGreaterThan(0.25);
    expect(many.upper).toBeLessThan(few.upper);
  });

  test("nothing was seen", () => expect(boundedInterval({ count: 0, sum: 0 }, alpha)).toEqual({ lower: 0, upper: 1 }));

  test("only zeros: the lower end stays at zero", () => {
    const { lower, upper } = boundedInterval({ count: 1_000, sum: 0 }, alpha);
    expect(lower).toBe(0);
    expect(upper).toBeLessThan(0.01);
  });

  const runs = 200;
  const truth = 0.2;

  test.each([
    ["failures", (random: SeededRandom) => (random.next() < truth ? 1 : 0)],
    ["rewards in between", (random: SeededRandom) => 2 * truth * random.next()],
  ])("looked at after every call, the interval holds the mean: %s", (_, draw) => {
    const random = new SeededRandom(7);
    let wrong = 0;
    for (let run = 0; run < runs; run++) {
      let sum = 0;
      for (let count = 1; count <= 400; count++) {
        sum += draw(random);
        const { lower, upper } = boundedInterval({ count, sum }, alpha);
        if (lower <= truth && upper >= truth) continue;
        wrong += 1;
        break;
      }
    }
    expect(wrong).toBeLessThanOrEqual(mostAlarms(runs));
  });
});

describe("means", () => {
  test("one call for each unit: the common variance of a mean", () => {
    const values = [3, 5, 8, 13];
    const clustered = new Clustered();
    for (const [unit, value] of values.entries()) clustered.add(value, unit);
    const { mean, variance } = estimateMean(clustered.sample);
    const spread = values.reduce((sum, value) => sum + (value - 7.25) ** 2, 0) / 3;
    expect(mean).toBe(7.25);
    expect(variance).toBeCloseTo(spread / 4, 12);
  });

  test("calls of one unit that are all alike tell no more than one of them", () => {
    const [single, repeated] = [new Clustered(), new Clustered()];
    [1, 4, 2, 9, 3].forEach((value, unit) => {
      single.add(value, unit);
      for (let time = 0; time < 10; time++) repeated.add(value, unit);
    });
    expect(estimateMean(repeated.sample).variance).toBeCloseTo(estimateMean(single.sample).variance, 12);
  });

  test("below two units nothing is known", () =>
    expect(mixturePValue(estimateMean({ ...new Clustered().sample, units: 1, calls: 1, sum: 1 }), alpha)).toBe(1));

  test.each([
    [0.1, 0.001],
    [0.1, 0.0008],
    [-0.5, 0.01],
    [1, 1],
    [0.2, 0.002_5],
  ])("the interval leaves zero out just where the p-value is below α: mean %p, variance %p", (mean, variance) => {
    for (const units of [50, 500, 5_000, 500_000]) {
      const estimated = { mean, variance, units };
      const { lower, upper } = mixtureInterval(estimated, alpha);
      expect(lower > 0 || upper < 0).toBe(mixturePValue(estimated, alpha) < alpha);
    }
  });

  interface World {
    readonly name: string;
    readonly draw: (random: SeededRandom) => number;
    /** What calls of the same unit have in common. */
    readonly ofUnit: (random: SeededRandom) => number;
    readonly callsOfUnit: number;
    readonly shareOfOne: number;
  }
  const worlds: readonly World[] = [
    { name: "even", draw: normal, ofUnit: () => 0, callsOfUnit: 1, shareOfOne: 0.5 },
    {
      name: "long-tailed costs, one arm small",
      draw: (random) => Math.exp(normal(random)),
      ofUnit: () => 0,
      callsOfUnit: 1,
      shareOfOne: 0.2,
    },
    { name: "users who differ", draw: normal, ofUnit: (random) => 2 * normal(random), callsOfUnit: 8, shareOfOne: 0.5 },
  ];

  const runs = 150;
  /** From here on it is looked at. */
  const leastUnits = 100;

  test.each(worlds)("looked at after every call, false alarms keep to α: $name", (world) => {
    const random = new SeededRandom(20_261_126);
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      const arms = [new Clustered(), new Clustered()] as const;
      const users: { arm: Clustered; base: number }[] = [];
      for (let call = 0; call < 3_000; call++) {
        const isNew = world.callsOfUnit === 1 || users.length * world.callsOfUnit <= call;
        if (isNew) users.push({ arm: arms[random.next() < world.shareOfOne ? 0 : 1], base: world.ofUnit(random) });
        const unit = isNew ? users.length - 1 : Math.floor(random.next() * users.length);
        const { arm, base } = users[unit] as (typeof users)[number];
        arm.add(base + world.draw(random), unit);
        const [one, other] = [estimateMean(arms[0].sample), estimateMean(arms[1].sample)];
        if (Math.min(one.units, other.units) < leastUnits) continue;
        if (mixturePValue(estimateDifference(one, other), alpha) >= alpha) continue;
        alarms += 1;
        break;
      }
    }
    expect(alarms).toBeLessThanOrEqual(mostAlarms(runs));
  });

  test.each([
    [0.01, 0.5],
    [0.01, 0.1],
    [0.05, 0.1],
    [0.3, 0.5],
  ])(
    "looked at after every call, false alarms keep to α: a share of %p fails, an arm gets %p of the calls",
    (rate, share) => {
      const random = new SeededRandom(41);
      let alarms = 0;
      for (let run = 0; run < runs; run++) {
        const arms = [new Clustered(), new Clustered()] as const;
        for (let call = 0; call < 3_000; call++) {
          arms[random.next() < share ? 0 : 1].add(random.next() < rate ? 1 : 0, call);
          const [one, other] = [estimateBounded(arms[0].sample), estimateBounded(arms[1].sample)];
          if (Math.min(one.units, other.units) < leastUnits) continue;
          if (mixturePValue(estimateDifference(one, other), alpha) >= alpha) continue;
          alarms += 1;
          break;
        }
      }
      expect(alarms).toBeLessThanOrEqual(mostAlarms(runs));
    },
  );

  test("a test that is made for one look only would give false alarms: the simulation bites", () => {
    const random = new SeededRandom(3);
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      const arms = [new Clustered(), new Clustered()] as const;
      for (let call = 0; call < 3_000; call++) {
        arms[random.next() < 0.5 ? 0 : 1].add(normal(random), call);
        const { mean, variance, units } = estimateDifference(
          estimateMean(arms[0].sample),
          estimateMean(arms[1].sample),
        );
        if (units < 2 * leastUnits || Math.abs(mean) < 1.96 * Math.sqrt(variance)) continue;
        alarms += 1;
        break;
      }
    }
    expect(alarms).toBeGreaterThan(mostAlarms(runs));
  });

  test("a real difference is found before long", () => {
    const random = new SeededRandom(11);
    let found = 0;
    for (let run = 0; run < 40; run++) {
      const arms = [new Clustered(), new Clustered()] as const;
      for (let call = 0; call < 3_000; call++) {
        const place = random.next() < 0.5 ? 0 : 1;
        arms[place].add(normal(random) + 0.25 * place, call);
      }
      const difference = estimateDifference(estimateMean(arms[0].sample), estimateMean(arms[1].sample));
      if (mixturePValue(difference, alpha) < alpha) found += 1;
    }
    expect(found).toBeGreaterThan(35);
  });
});

describe("shares of arms", () => {
  test("as configured, looked at after every unit", () => {
    const random = new SeededRandom(5);
    const weights = [1, 2, 1];
    let alarms = 0;
    for (let run = 0; run < 300; run++) {
      const units = [0, 0, 0];
      for (let unit = 0; unit < 1_000; unit++) {
        const drawn = random.next() * 4;
        const place = drawn < 1 ? 0 : drawn < 3 ? 1 : 2;
        units[place] = (units[place] as number) + 1;
        const shares = weights.map((weight, at) => ({ weight, units: units[at] as number }));
        if (sampleRatioPValue(shares) >= alpha) continue;
        alarms += 1;
        break;
      }
    }
    expect(alarms).toBeLessThanOrEqual(mostAlarms(300));
  });

  test.each([
    [[500, 500], 1, "right"],
    [[520, 480], 1, "right"],
    [[560, 440], 0.05, "wrong"],
    [[700, 300], 1e-6, "wrong"],
  ] as const)("of 1,000 units %p: p ≤ %p", ([one, other], most) => {
    const p = sampleRatioPValue([
      { weight: 1, units: one },
      { weight: 1, units: other },
    ]);
    expect(p).toBeLessThanOrEqual(most);
    if (most === 1) expect(p).toBeGreaterThan(0.5);
  });
});
