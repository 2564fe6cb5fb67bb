import { describe, expect, test } from "bun:test";
import { logit, sigmoid } from "./logits.ts";
import { type Observation, QualityPosterior, type Spread } from "./quality-posterior.ts";

const spread: Spread = { all: 0.5, target: 0.6, cluster: 1.2 };
const halfLife = 30 * 86_400_000;
const posteriorOf = (observations: readonly Observation[]): QualityPosterior => {
  const posterior = new QualityPosterior(spread, halfLife);
  for (const observation of observations) posterior.add(observation);
  return posterior;
};
const seen = (target: string, cluster: number, counts: { good: number; bad: number; at?: number }): Observation[] => {
  const { good, bad, at = 0 } = counts;
  const one = { target, cluster, weight: 1, expected: 0.65, at };
  return [
    ...Array.from({ length: good }, () => ({ ...one, reward: 1 })),
    ...Array.from({ length: bad }, () => ({ ...one, reward: 0 })),
  ];
};
const qualityOf = (posterior: QualityPosterior, target: string, cluster: number): number =>
  sigmoid(logit(0.65) + posterior.shift(target, cluster).mean);

describe("what rewards correct", () => {
  test("is nothing before there are any, and wide", () => {
    const shift = posteriorOf([]).shift("a", 0);
    expect(shift.mean).toBe(0);
    expect(shift.variance).toBeCloseTo(spread.all + spread.target + spread.cluster, 10);
  });

  test("comes sooner where a target's prior is said to be less sure, and elsewhere as before", () => {
    const doubted = new QualityPosterior({ ...spread, targets: new Map([["a", 3]]) }, halfLife);
    const plain = new QualityPosterior(spread, halfLife);
    expect(doubted.shift("a", 0).variance - plain.shift("a", 0).variance).toBeCloseTo(3 - spread.target, 10);
    expect(doubted.shift("b", 0)).toEqual(plain.shift("b", 0));
    for (const one of seen("a", 0, { good: 0, bad: 10 })) {
      doubted.add(one);
      plain.add(one);
    }
    expect(doubted.targetShift("a").mean).toBeLessThan(plain.targetShift("a").mean);
  });

  test("comes near to what was seen, and surer with more of it", () => {
    const few = posteriorOf(seen("a", 0, { good: 2, bad: 8 }));
    const many = posteriorOf(seen("a", 0, { good: 100, bad: 400 }));
    expect(qualityOf(many, "a", 0)).toBeCloseTo(0.2, 1);
    expect(qualityOf(few, "a", 0)).toBeGreaterThan(qualityOf(many, "a", 0));
    expect(many.shift("a", 0).variance).toBeLessThan(few.shift("a", 0).variance / 10);
  });

  test("is carried over to other kinds of prompts, and less to other targets", () => {
    const posterior = posteriorOf([...seen("a", 0, { good: 5, bad: 45 }), ...seen("a", 1, { good: 5, bad: 45 })]);
    const [known, same, other] = [
      qualityOf(posterior, "a", 0),
      qualityOf(posterior, "a", 7),
      qualityOf(posterior, "b", 0),
    ];
    expect(known).toBeLessThan(same);
    expect(same).toBeLessThan(other);
    expect(other).toBeLessThan(0.65);
  });

  test("one kind of prompt that is seen much more often does not speak for the others", () => {
    const posterior = posteriorOf([
      ...seen("a", 0, { good: 900, bad: 100 }),
      ...seen("a", 1, { good: 5, bad: 45 }),
      ...seen("a", 2, { good: 5, bad: 45 }),
    ]);
    expect(qualityOf(posterior, "a", 9)).toBeLessThan(0.65);
  });

  test("does not depend on the order, and can be taken back", () => {
    const observations = [
      ...seen("a", 0, { good: 7, bad: 3, at: 5 }),
      ...seen("b", 1, { good: 2, bad: 5, at: halfLife }),
      ...seen("a", 1, { good: 1, bad: 1, at: halfLife / 2 }),
    ];
    const [forwards, backwards] = [posteriorOf(observations), posteriorOf(observations.toReversed())];
    expect(backwards.shift("a", 0).mean).toBeCloseTo(forwards.shift("a", 0).mean, 9);
    expect(backwards.shift("b", 1).variance).toBeCloseTo(forwards.shift("b", 1).variance, 9);
    const more = seen("a", 0, { good: 0, bad: 40, at: halfLife });
    for (const one of more) forwards.add(one);
    expect(forwards.shift("a", 0).mean).toBeLessThan(backwards.shift("a", 0).mean - 0.5);
    for (const one of more) forwards.add({ ...one, weight: -1 });
    expect(forwards.shift("a", 0).mean).toBeCloseTo(backwards.shift("a", 0).mean, 6);
  });

  test("fades: what was seen a half-life ago counts half", () => {
    const posterior = posteriorOf([
      ...seen("a", 0, { good: 40, bad: 0 }),
      ...seen("a", 0, { good: 0, bad: 40, at: halfLife }),
    ]);
    expect(posterior.weight("a", 0)).toBeCloseTo(60, 6);
    expect(qualityOf(posterior, "a", 0)).toBeLessThan(0.45);
  });

  test("years of rewards stay finite", () => {
    const years = Array.from({ length: 50 }, (_, year) =>
      seen("a", 0, { good: 9, bad: 1, at: year * 365 * 86_400_000 }),
    ).flat();
    const posterior = posteriorOf(years);
    expect(posterior.weight("a", 0)).toBeGreaterThan(9.9);
    expect(posterior.weight("a", 0)).toBeLessThan(11);
    expect(Number.isFinite(posterior.shift("a", 0).mean)).toBe(true);
  });

  test("is doubted after a change: wider, and soon overruled", () => {
    const posterior = posteriorOf(seen("a", 0, { good: 190, bad: 10 }));
    const before = posterior.shift("a", 0).variance;
    posterior.doubt("a", 0.1);
    expect(posterior.shift("a", 0).variance).toBeGreaterThan(before * 3);
    for (const one of seen("a", 0, { good: 5, bad: 45 })) posterior.add(one);
    expect(qualityOf(posterior, "a", 0)).toBeLessThan(0.45);
  });

  test("survives JSON", () => {
    const posterior = posteriorOf([
      ...seen("a", 0, { good: 7, bad: 3, at: 5 }),
      ...seen("b", 3, { good: 2, bad: 5, at: halfLife }),
    ]);
    const restored = QualityPosterior.fromState(JSON.parse(JSON.stringify(posterior.toState())), spread, halfLife);
    for (const [target, cluster] of [
      ["a", 0],
      ["b", 3],
      ["c", 1],
    ] as const)
      expect(restored.shift(target, cluster).mean).toBeCloseTo(posterior.shift(target, cluster).mean, 9);
    expect(restored.weight("b")).toBeCloseTo(posterior.weight("b"), 6);
  });
});
