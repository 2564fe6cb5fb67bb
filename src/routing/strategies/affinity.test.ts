import { describe, expect, test } from "bun:test";
import type { Call } from "../../core/call.ts";
import type { Message } from "../../core/chat.ts";
import { Bench, type Situation, type Targets } from "./testing.ts";

const targets: Targets = { "a/x": {}, "b/x": {}, "c/x": {}, "d/x": {} };
const say = (role: "system" | "user" | "assistant", text: string) =>
  ({ role, content: [{ type: "text", text }] }) as Message;

/** Ends a call as one that a target answered. */
const answer = (call: Call, id: string): void => {
  const target = call.route.candidates.find((candidate) => candidate.target.id === id)?.target;
  if (target === undefined) throw new Error(`there is no ${id}`);
  const attempt = call.scope.dispatch(target, 0);
  attempt.headers(200);
  attempt.deliver();
  attempt.answered({ inputTokens: 1, outputTokens: 1 }, "");
  attempt.end("ok");
  call.scope.finish({ outcome: "ok", status: 200 });
};

const first = (bench: Bench, situation: Situation): string => bench.order(situation)[0] ?? "";
const sessions = (count: number): readonly Situation[] =>
  Array.from({ length: count }, (_, index) => ({ routing: { session: `session ${index}` } }));

describe("affinity", () => {
  test("processes that never spoke agree on each session, and sessions spread", () => {
    const [one, other] = [new Bench({ kind: "affinity" }, targets), new Bench({ kind: "affinity" }, targets)];
    const places = sessions(400).map((situation) => one.order(situation));
    expect(sessions(400).map((situation) => other.order(situation))).toEqual(places);
    for (const letter of "abcd") {
      const share = places.filter((order) => order[0] === letter).length / 400;
      expect(share).toBeGreaterThan(0.18);
      expect(share).toBeLessThan(0.32);
    }
  });

  test("shares follow the weights, and a weight of 0 comes last", () => {
    const bench = new Bench({ kind: "affinity" }, { "a/x": { weight: 3 }, "b/x": { weight: 1 }, "c/x": { weight: 0 } });
    const orders = sessions(400).map((situation) => bench.order(situation));
    expect(orders.filter((order) => order[0] === "a").length / 400).toBeCloseTo(0.75, 1);
    expect(orders.every((order) => order[2] === "c")).toBe(true);
  });

  test("when a target goes, only its sessions move", () => {
    const { "d/x": _, ...fewer } = targets;
    const [before, after] = [new Bench({ kind: "affinity" }, targets), new Bench({ kind: "affinity" }, fewer)];
    for (const situation of sessions(200))
      expect(after.order(situation)).toBe(before.order(situation).replace("d", ""));
  });

  test("a session stays where it was answered, until its time is over or the target is gone", () => {
    const bench = new Bench({ kind: "affinity", ttlMilliseconds: 1_000 }, targets);
    const situation = { routing: { session: "one" } };
    const hashed = bench.order(situation);
    const last = `${hashed.at(-1)}/x`;
    const call = bench.call(situation);
    bench.rank(situation, call);
    answer(call, last);
    expect(bench.order(situation)).toBe(`${last[0]}${hashed.slice(0, -1)}`);
    expect(bench.rank(situation).ranked[0]?.reason).toBe("answered the same session last");
    expect(first(bench, { routing: { session: "two" } })).not.toBe("");
    bench.now = 1_001;
    expect(bench.order(situation)).toBe(hashed);
  });

  test("a call that failed moves nothing", () => {
    const bench = new Bench({ kind: "affinity" }, targets);
    const situation = { routing: { session: "one" } };
    const hashed = bench.order(situation);
    const call = bench.call(situation);
    bench.rank(situation, call);
    call.scope.finish({ outcome: "error", status: 502 });
    expect(bench.order(situation)).toBe(hashed);
  });

  test("its memory outlives the configuration and is bounded", () => {
    const kept = new Map<string, unknown>();
    const settings = { kind: "affinity", maxEntries: 2 };
    const bench = new Bench(settings, targets, kept);
    const fallbacks = sessions(3).map((situation) => {
      const last = `${bench.order(situation).at(-1)}/x`;
      const call = bench.call(situation);
      bench.rank(situation, call);
      answer(call, last);
      return last[0];
    });
    const anew = new Bench(settings, targets, kept);
    const places = sessions(3).map((situation) => first(anew, situation));
    expect(places.slice(1)).toEqual(fallbacks.slice(1) as string[]);
    expect(places[0]).not.toBe(fallbacks[0] as string);
  });

  test("a conversation is known by its beginning, whatever comes later", () => {
    const bench = new Bench({ kind: "affinity", by: "prefix" }, targets);
    for (let number = 0; number < 20; number++) {
      const start = [say("system", `You are ${number}.`), say("user", `Question ${number}`)];
      const later = [...start, say("assistant", "Answer"), say("user", "And then?")];
      expect(bench.order({ request: { messages: later } })).toBe(bench.order({ request: { messages: start } }));
    }
  });

  const keys: readonly (readonly [string, Situation, string])[] = [
    ["session", { routing: { session: "s" }, request: { user: "u" } }, "by the hash of the session"],
    ["user of the request", { request: { user: "u" } }, "by the hash of the user"],
    ["user of the key", { caller: { userId: "u" } }, "by the hash of the user"],
    ["prefix", {}, "by the hash of the prefix"],
    ["nothing", { request: { messages: [] } }, "place 1 of the route"],
  ];
  for (const [name, situation, reason] of keys)
    test(`without being told, goes by the ${name}`, () => {
      expect(new Bench({ kind: "affinity" }, targets).rank(situation).ranked[0]?.reason).toBe(reason);
    });

  test("tenants with a session of the same name are not the same", () => {
    const bench = new Bench({ kind: "affinity" }, targets);
    const orders = Array.from({ length: 20 }, (_, index) =>
      bench.order({ routing: { session: "one" }, caller: { tenant: `tenant ${index}` } }),
    );
    expect(new Set(orders).size).toBeGreaterThan(5);
  });

  test("a new session goes where another strategy says, and stays", () => {
    const bench = new Bench({ kind: "affinity", first: { kind: "least-busy" } }, targets);
    const situation = { routing: { session: "one" }, loads: { "a/x": { inFlight: 2 }, "b/x": { inFlight: 1 } } };
    expect(bench.order(situation)).toBe("cdba");
    const call = bench.call(situation);
    bench.rank(situation, call);
    answer(call, "c/x");
    expect(first(bench, { ...situation, loads: { "c/x": { inFlight: 9 } } })).toBe("c");
  });
});
