import { describe, expect, test } from "bun:test";
import { featuresOf } from "../features/features-of.ts";
import { OutcomeRing, sketchOf } from "./outcome-ring.ts";
import { noRewards } from "./reward-sums.ts";

const sketch = (text: string): Int8Array => sketchOf(featuresOf(text));
const sums = "add the numbers twelve and thirteen and say what they come to";
const verse = "write a gentle poem on autumn leaves that fall by the river";
const outcome = (callId: string, text: string, more: { chain?: number; target?: number; user?: number } = {}) => ({
  ...{ callId, chain: 0, target: 0, expected: 0.5, user: 0, at: 7, sketch: sketch(text) },
  ...more,
});
const lookFor = (ring: OutcomeRing, text: string, chain = 0) => {
  const found = [noRewards(), noRewards()];
  ring.look(sketch(text), chain, found);
  return found;
};

describe("outcomes", () => {
  test("of like prompts are found, by target; of others, without rewards or of another chain, not", () => {
    const ring = new OutcomeRing(100);
    ring.add(outcome("a", sums));
    ring.add(outcome("b", sums, { target: 1 }));
    ring.add(outcome("c", verse));
    ring.add(outcome("d", sums));
    ring.add(outcome("e", sums, { chain: 32 }));
    for (const id of ["a", "c", "e"]) ring.reward(id, 1, 1);
    ring.reward("b", 0.5, 0);
    const [first, second] = lookFor(ring, sums);
    // Sketches are rounded: a prompt is not quite like itself.
    expect(first?.weight).toBeWithin(0.85, 1.01);
    expect(first?.reward).toBe(first?.weight as number);
    expect(second?.weight).toBeWithin(0.42, 0.51);
    expect(second?.reward).toBe(0);
  });

  test("are forgotten when newer ones need their place, and chains end there", () => {
    const ring = new OutcomeRing(8);
    for (let number = 0; number < 50; number++) {
      ring.add(outcome(`call-${number}`, sums, { chain: number % 3 }));
      ring.reward(`call-${number}`, 1, 1);
    }
    expect(ring.size).toBe(8);
    expect(ring.has("call-41")).toBe(false);
    expect(ring.has("call-42")).toBe(true);
    const weights = [0, 1, 2].map((chain) => lookFor(ring, sums, chain)[0]?.weight ?? 0);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeWithin(6.8, 8.1);
  });

  test("can be taken out, with what they taught", () => {
    const ring = new OutcomeRing(10);
    ring.add(outcome("a", sums, { chain: 5, user: 9 }));
    expect(ring.remove("a")).toBeUndefined();
    ring.add(outcome("a", sums, { chain: 5, user: 9 }));
    ring.reward("a", 0.6, 1);
    ring.add(outcome("b", sums, { chain: 5, user: 8 }));
    ring.reward("b", 1, 1);
    const [taught, ...more] = ring.removeUser(9);
    expect(more).toEqual([]);
    expect(taught?.weight).toBeCloseTo(0.6, 6);
    expect(taught?.expected).toBeCloseTo(0.3, 6);
    expect(taught).toMatchObject({ chain: 5, target: 0, at: 7 });
    expect(ring.removeUser(9)).toEqual([]);
    expect([ring.has("a"), ring.has("b")]).toEqual([false, true]);
    expect(ring.remove("b")?.weight).toBe(1);
    expect(lookFor(ring, sums, 5)[0]?.weight).toBe(0);
  });

  test("a prompt without words is nobody's neighbour", () => {
    const ring = new OutcomeRing(10);
    ring.add(outcome("a", ""));
    ring.reward("a", 1, 1);
    expect(lookFor(ring, "")[0]?.weight).toBe(0);
  });
});
