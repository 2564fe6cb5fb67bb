import { beforeEach, describe, expect, test } from "bun:test";
import type { Admission, Standing } from "../core/ports/health.ts";
import { type HealthPeer, RemoteHealth } from "./health.ts";

const failure = { code: "upstream_error", retryAfterMilliseconds: undefined } as const;
const resting = (waitMilliseconds: number): Standing => ({
  kind: "resting",
  admission: { kind: "open", waitMilliseconds, reason: "it failed" },
});

let now = 0;
let asked: string[] = [];
/** What the other process answers next; absent, it does not. */
let answer: Admission | undefined;
let confirm: () => void = () => undefined;

const peer: HealthPeer = {
  "health.admit": async () => say("admit"),
  "health.look": async () => say("look"),
  "health.fail": ({ failure: { code } }) => report(`fail ${code}`),
  "health.cool": ({ milliseconds }) => report(`cool ${milliseconds}`),
  "health.succeed": () => void asked.push("succeed"),
  "health.release": () => void asked.push("release"),
};
const say = (name: string): Admission => {
  asked.push(name);
  if (answer === undefined) throw new Error("no answer");
  return answer;
};
const report = (name: string): Promise<void> => {
  asked.push(name);
  return new Promise((resolve) => {
    confirm = resolve;
  });
};

let health: RemoteHealth;
beforeEach(() => {
  now = 0;
  asked = [];
  answer = { kind: "closed" };
  health = new RemoteHealth(peer, { monotonic: () => now, wall: () => 1_000 + now });
});

describe("health that another process keeps", () => {
  test("of a clean target nobody is asked, and nobody is told of a success", () => {
    expect([health.admit("t"), health.look("t")]).toEqual([{ kind: "closed" }, { kind: "closed" }]);
    health.succeed("t");
    health.release("t");
    expect(asked).toEqual([]);
  });

  test("a target that failed lately is called without asking, and its successes are told of", () => {
    health.note("t", { kind: "watched" });
    expect(health.admit("t")).toEqual({ kind: "closed" });
    health.succeed("t");
    health.note("t", { kind: "clean" });
    health.succeed("t");
    expect(asked).toEqual(["succeed"]);
  });

  test("a rest is known for as long as it lasts, and then the other process is asked", async () => {
    health.note("t", resting(100));
    now = 40;
    expect(health.admit("t")).toEqual({ kind: "open", waitMilliseconds: 60, reason: "it failed" });
    expect(health.openTargets()).toEqual(["t"]);
    expect(asked).toEqual([]);
    now = 100;
    answer = { kind: "probe" };
    expect(await health.admit("t")).toEqual({ kind: "probe" });
    expect(asked).toEqual(["admit"]);
  });

  test("after a failure of its own it asks until that is confirmed", async () => {
    health.fail("t", failure);
    answer = { kind: "cooling", waitMilliseconds: 90, reason: "it asked for a pause" };
    expect(await health.admit("t")).toEqual(answer);
    health.note("t", { kind: "watched" });
    expect(await health.look("t")).toEqual(answer);
    confirm();
    await Promise.resolve();
    await Promise.resolve();
    expect(health.admit("t")).toEqual({ kind: "closed" });
    expect(asked).toEqual(["fail upstream_error", "admit", "look"]);
  });

  test("a rest that ends in a moment is waited for", async () => {
    health.note("t", resting(100));
    now = 90;
    answer = { kind: "cooling", waitMilliseconds: 2, reason: "it asked for a pause" };
    const admitted = health.admit("t");
    setTimeout(() => {
      answer = { kind: "closed" };
    }, 12);
    expect(await admitted).toEqual({ kind: "closed" });
    expect(asked.length).toBeGreaterThan(1);
    expect(health.look("t")).toMatchObject({ kind: "open", waitMilliseconds: 10 });
  });

  test("a place is given back only by the call that has the probe", async () => {
    health.note("t", resting(0));
    answer = { kind: "open", waitMilliseconds: 50, reason: "it failed" };
    await health.admit("t");
    health.release("t");
    expect(asked).toEqual(["admit"]);
    answer = { kind: "probe" };
    await health.admit("t");
    health.release("t");
    health.release("t");
    expect(asked).toEqual(["admit", "admit", "release"]);
  });

  test("where nobody answers, a troubled target is not called and a clean one is", async () => {
    answer = undefined;
    health.note("t", resting(0));
    expect(await health.admit("t")).toMatchObject({ kind: "open" });
    expect(health.admit("other")).toEqual({ kind: "closed" });
  });
});
