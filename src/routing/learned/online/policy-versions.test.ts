import { describe, expect, test } from "bun:test";
import { SeededRandom } from "../../../../test/support/seeded-random.ts";
import { type Newest, PolicyVersions } from "./policy-versions.ts";

const newestAt = (rewards: number): Newest => ({
  rewards,
  at: rewards,
  beliefs: () => ({ default: { origin: 0, growth: rewards, targets: {} } }),
});
const codeOf = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
};

/** A canary over calls whose sides are right so often; gives how it ended, and after how many calls. */
const canary = (newest: number, served: number, seed: number): readonly [string | undefined, number] => {
  const versions = new PolicyVersions();
  versions.act({ kind: "freeze" }, newestAt(100));
  versions.act({ kind: "promote", canary: { share: 0.5, minCalls: 100 } }, newestAt(200));
  const random = new SeededRandom(seed).next;
  for (let number = 1; number <= 4_000; number++) {
    const side = versions.servedFor(random()) === "newest" ? "newest" : "served";
    const ended = versions.observe(side, random() < (side === "newest" ? newest : served) ? 1 : 0, 0.01);
    if (ended !== undefined) return [ended, number];
  }
  return [undefined, 4_000];
};

describe("versions of a policy", () => {
  test("the newest serves until it is frozen; then that version does", () => {
    const versions = new PolicyVersions();
    expect(versions.servedFor(0.3)).toBe("newest");
    versions.act({ kind: "freeze" }, newestAt(50));
    expect(versions.servedFor(0.3)).toMatchObject({ id: 1, rewards: 50, reason: "frozen" });
    versions.act({ kind: "unfreeze" }, newestAt(60));
    expect(versions.servedFor(0.3)).toBe("newest");
  });

  test("one is kept from time to time, to go back to; the oldest go, but not the one that serves", () => {
    const versions = new PolicyVersions();
    expect(versions.keepSometimes(newestAt(999))).toBe(false);
    expect(versions.keepSometimes(newestAt(1_000))).toBe(true);
    expect(versions.keepSometimes(newestAt(1_999))).toBe(false);
    expect(versions.keepSometimes(newestAt(2_500))).toBe(true);
    versions.act({ kind: "rollback" }, newestAt(2_600));
    expect(versions.state.served).toBe(2);
    versions.act({ kind: "rollback" }, newestAt(2_600));
    expect(versions.state.served).toBe(1);
    expect(codeOf(() => versions.act({ kind: "rollback" }, newestAt(2_600)))).toBe("not_found");
    expect(versions.keepSometimes(newestAt(9_000))).toBe(false);
    for (let number = 0; number < 20; number++) {
      versions.act({ kind: "freeze" }, newestAt(3_000 + number));
      versions.act({ kind: "rollback", version: 1 }, newestAt(3_000 + number));
    }
    expect(versions.state.versions.length).toBeLessThanOrEqual(9);
    expect(versions.servedFor(0)).toMatchObject({ id: 1 });
    expect(codeOf(() => versions.act({ kind: "rollback", version: 77 }, newestAt(1)))).toBe("not_found");
  });

  test("a canary gets its share, always the same callers", () => {
    const versions = new PolicyVersions();
    versions.act({ kind: "freeze" }, newestAt(50));
    versions.act({ kind: "promote", canary: { share: 0.1, minCalls: 100 } }, newestAt(60));
    const served = Array.from({ length: 1_000 }, (_, number) => versions.servedFor(number / 1_000));
    expect(served.filter((one) => one === "newest")).toHaveLength(100);
    expect(versions.servedFor(0.05)).toBe("newest");
  });

  test("a canary that is better is promoted, one that is worse rolled back", () => {
    for (let seed = 1; seed <= 10; seed++) {
      expect(canary(0.9, 0.6, seed)[0]).toBe("promoted");
      expect(canary(0.5, 0.8, seed)[0]).toBe("rolled back");
    }
  });

  test("one that is a little worse is hardly ever promoted, though it is looked at after each call", () => {
    const promoted = Array.from({ length: 100 }, (_, seed) => canary(0.66, 0.7, seed + 1)[0]);
    expect(promoted.filter((ended) => ended === "promoted").length).toBeLessThanOrEqual(6);
  });

  test("what another process decided is taken over, and nothing older", () => {
    const [one, other] = [new PolicyVersions(), new PolicyVersions()];
    one.act({ kind: "freeze" }, newestAt(50));
    other.adopt(JSON.parse(JSON.stringify(one.state)));
    expect(other.servedFor(0)).toMatchObject({ id: 1 });
    other.act({ kind: "unfreeze" }, newestAt(60));
    other.adopt(one.state);
    expect(other.servedFor(0)).toBe("newest");
  });
});
