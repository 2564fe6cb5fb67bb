import { describe, expect, test } from "bun:test";
import { makeCall, makeTarget } from "../../../test/support/make-call.ts";
import type { Call } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { DecisionDetail } from "../../core/decision.ts";
import type { DecidedCall, Feedback } from "../../core/ports/learning.ts";
import type { Features, Ranking } from "../../core/ports/strategy.ts";
import { unpackFeatures } from "./features/pack.ts";
import type { RouteLearning } from "./online/route-learning.ts";
import { type LearnedOptions, learnedOptions } from "./options.ts";
import { learned, learningName } from "./strategy.ts";

const targets = [
  makeTarget("a/cheap", { price: { input: 0.1, output: 0.4 } }),
  makeTarget("b/dear", { price: { input: 3, output: 15, cacheRead: 0.3 } }),
  makeTarget("c/unpriced", { openWeights: false }),
];
type Asked = Partial<ChatRequest> & { readonly text?: string };

const open = (options: Partial<LearnedOptions> = {}, among = targets) => {
  const kept = new Map<string, unknown>();
  const clock = { now: 0, monotonic: () => clock.now, wall: () => clock.now };
  const candidates = among.map((target) => ({ target, weight: 1 }));
  const create = (more: Partial<LearnedOptions> = options, of = candidates) =>
    learned.create(learnedOptions.parse(more), {
      ...{ route: "auto", candidates: of, clock },
      keep: <State>(name: string, make: () => State): State => {
        if (!kept.has(name)) kept.set(name, make());
        return kept.get(name) as State;
      },
    });
  const strategy = create();
  let number = 0;
  const rank = ({ text = "Say something", ...request }: Asked = {}, features: Partial<Features> = {}, tenant = "t") => {
    const { call } = makeCall({
      targets: among,
      request: { messages: [{ role: "user", content: [{ type: "text", text }] }], ...request },
      caller: { tenant },
    });
    const asked = { ...call, id: `call-${number++}` } as unknown as Call;
    const ranking = strategy.rank(candidates, asked, {
      ...{ sequence: 0, random: 0.999, estimatedInputTokens: 100, ...features },
      load: () => ({ inFlight: 0, latencyMilliseconds: undefined }),
    }) as Ranking & { readonly detail: DecisionDetail };
    return { ...ranking, id: asked.id, first: ranking.ranked[0]?.candidate.target.id };
  };
  const learning = kept.get(learningName) as RouteLearning;
  const settle = (
    { id, detail }: ReturnType<typeof rank>,
    reward: number,
    more: Partial<DecidedCall & Feedback> = {},
  ) => {
    const { tenant = "t", userId = null, giver = "app", at = 0 } = more;
    const call: DecidedCall = {
      ...{ callId: id, tenant, keyId: null, userId, route: "auto", startedAt: at, outcome: "ok" },
      ...{ targets: [detail.action], target: detail.action, costUsd: 0.001, durationMilliseconds: 300, detail },
    };
    learning.settled(call);
    const feedback: Feedback = { id: "1", callId: id, tenant, giver, source: "verifier", reward, at };
    learning.rewarded(call, feedback);
    return { ...call, feedback: [feedback] };
  };
  const weightOf = (target: string, tenant = "t"): number => learning.beliefs.of(tenant).weight(target);
  return { rank, settle, learning, create, clock, candidates, weightOf };
};

describe("a learned decision", () => {
  test("tells all that is needed to explain it, to judge it and to learn from it", () => {
    const { rank } = open();
    const { detail, ranked } = rank({ text: "How much is 3 times 4?" });
    expect(ranked).toHaveLength(3);
    expect(detail).toMatchObject({ policy: "learned", version: "facts-1+0" });
    expect(detail.expected.map(({ utility }) => utility)).toEqual(
      detail.expected.map(({ utility }) => utility).toSorted((a, b) => b - a),
    );
    for (const { quality, lower, upper, terms } of detail.expected) {
      expect(lower).toBeLessThan(quality);
      expect(upper).toBeGreaterThan(quality);
      const sum = Object.values(terms ?? {}).reduce((total, part) => total + part, 0);
      expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(quality, 2);
    }
    expect(unpackFeatures(detail.features ?? "").indices.length).toBeGreaterThan(5);
    expect(detail.binding).toContain("not proven yet");
  });

  test("goes with its dice: propensities add up to one", () => {
    const { rank } = open({ explore: { share: 0.02 } });
    const chances = new Map<string, number>();
    for (let step = 0; step < 2_000; step++) {
      const { detail } = rank({}, { random: step / 2_000, isDryRun: true });
      chances.set(detail.action, detail.propensity);
    }
    expect(chances.size).toBe(3);
    expect([...chances.values()].reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 9);
  });

  const noTrials: readonly (readonly [string, Asked])[] = [
    ["something sensitive", { metadata: { sensitive: "true" } }],
    ["somebody who does not want it", { metadata: { explore: false } }],
  ];
  for (const [what, request] of noTrials)
    test(`is no trial for ${what}`, () => {
      const { rank } = open({ explore: { share: 0.02 } });
      for (let step = 0; step < 100; step++) {
        const { detail } = rank(request, { random: step / 10_000 });
        expect(detail.propensity).toBe(1);
        expect(detail.explored).toBeUndefined();
      }
    });

  test("stays where a conversation is, and tries nothing there", () => {
    const { rank, clock } = open({ gate: "off", goal: "quality-first", explore: { share: 0.02 } });
    const text = "Tell me of rivers";
    const { first } = rank({ text });
    const later: Asked = {
      messages: [
        { role: "user", content: [{ type: "text", text }] },
        { role: "assistant", content: [{ type: "text", text: "They flow." }] },
        { role: "user", content: [{ type: "text", text: "Where to?" }] },
      ],
    };
    for (let step = 0; step < 100; step++) expect(rank(later, { random: step / 10_000 })).toMatchObject({ first });
    clock.now = 400_000;
    const explored = Array.from({ length: 100 }, (_, step) => rank(later, { random: step / 10_000, isDryRun: true }));
    expect(explored.some(({ detail }) => detail.explored)).toBe(true);
  });

  test("takes the only candidate, and says so", () => {
    const { rank } = open({}, targets.slice(0, 1));
    expect(rank().detail).toMatchObject({ action: "a/cheap", binding: "only candidate", propensity: 1 });
  });

  test("thinks of a price that is not known as the highest", () => {
    const { expected } = open().rank().detail;
    const cost = (id: string): number => expected.find(({ action }) => action === id)?.costUsd ?? -1;
    expect(cost("c/unpriced")).toBe(cost("b/dear"));
  });

  test("takes prompts of any length, and none", () => {
    const { rank } = open();
    for (const text of ["", " ", "x".repeat(1_000_000), "\u0000\ud800"]) expect(rank({ text }).ranked).toHaveLength(3);
    expect(rank({ messages: [] }).ranked).toHaveLength(3);
  });

  test("keeps the order of the route where there is no prompt in words", () => {
    const { create, candidates } = open();
    const { call } = makeCall({ targets });
    const embedding = { ...call, operation: "embeddings", request: { model: "auto", input: ["x"] } } as unknown as Call;
    const ranked = create().rank(candidates, embedding, {} as Features);
    expect(ranked).toHaveLength(3);
    expect(Array.isArray(ranked)).toBe(true);
  });
});

describe("what a route learns", () => {
  test("turns its choice, for the tenant that said it and no other", () => {
    const { rank, settle } = open({ gate: "off", goal: "quality-first", explore: { share: 0 } });
    const { first } = rank();
    for (let step = 0; step < 60; step++) settle(rank(), 0);
    expect(rank().first).not.toBe(first as string);
    expect(rank({}, {}, "other").first).toBe(first as string);
  });

  test("changes nothing where it is told not to learn", () => {
    const { rank, settle } = open({ gate: "off", learn: false });
    const { first, detail } = rank();
    for (let step = 0; step < 60; step++) settle(rank(), 0);
    expect(rank()).toMatchObject({ first, detail: { expected: detail.expected, version: "facts-1+0" } });
  });

  test("is the same by settlement and feedback, however often a settlement is told", () => {
    const { rank, settle, learning } = open();
    const decided = rank();
    settle(decided, 1);
    expect(learning).toMatchObject({ calls: 1, rewards: 1 });
  });

  test("is taken back where a user is to be forgotten", () => {
    const { rank, settle, learning, weightOf } = open({ explore: { share: 0 } });
    for (let step = 0; step < 20; step++) settle(rank(), 1, { userId: step % 2 === 0 ? "ada" : "bob" });
    const target = rank().first as string;
    expect(weightOf(target)).toBeCloseTo(20, 6);
    learning.forgotten("other tenant", "ada");
    expect(weightOf(target)).toBeCloseTo(20, 6);
    learning.forgotten("t", "ada");
    expect(weightOf(target)).toBeCloseTo(10, 6);
  });

  test("is doubted where a target's model becomes another", () => {
    const { rank, settle, create, candidates, weightOf } = open({ explore: { share: 0 } });
    for (let step = 0; step < 20; step++) settle(rank(), 1);
    const target = rank().first as string;
    create();
    expect(weightOf(target)).toBeCloseTo(20, 6);
    const renewed = candidates.map((one) => ({
      ...one,
      target: { ...one.target, facts: { ...one.target.facts, releaseDate: "2026-06-01" } },
    }));
    create({}, renewed);
    expect(weightOf(target)).toBeCloseTo(6, 6);
  });

  test("holds spending near what it may cost", () => {
    const { rank, learning } = open({ goal: { spend: 0.05 }, gate: "off", explore: { share: 0 } });
    let spent = 0;
    for (let step = 0; step < 3_000; step++) {
      const decided = rank();
      const costUsd = decided.detail.action === "a/cheap" ? 0.00002 : 0.002;
      if (step >= 2_000) spent += costUsd;
      const call: DecidedCall = {
        ...{
          callId: decided.id,
          tenant: "t",
          keyId: null,
          userId: null,
          route: "auto",
          startedAt: step,
          outcome: "ok",
        },
        ...{ targets: [decided.detail.action], target: decided.detail.action, costUsd, durationMilliseconds: 1 },
        detail: decided.detail,
      };
      learning.settled(call);
    }
    expect(spent / 1_000).toBeLessThan((0.05 / 1_000) * 1.5);
  });

  test("goes by the goal of each variant of a route, with one memory", () => {
    const { create, candidates, rank, learning } = open({ goal: "cost-first", gate: "off", explore: { share: 0 } });
    const before = rank().detail.lambda;
    create({ goal: "quality-first", gate: "off" }, candidates);
    expect(rank().detail.lambda).toBe(before as number);
    create({ goal: { spend: 1 }, gate: "off" }, candidates);
    expect(rank().detail.lambda).toBe(before as number);
    expect(learning.lambda).toBeCloseTo(1 / (before as number), 6);
  });

  test("survives JSON: the next process decides as this one would", () => {
    const options = { gate: "off", goal: "quality-first", explore: { share: 0 } } as const;
    const one = open(options);
    const judged = Array.from({ length: 60 }, (_, step) =>
      one.settle(one.rank(), step % 3 === 0 ? 1 : 0, { at: step + 1 }),
    );
    const other = open(options);
    other.learning.restore(JSON.parse(JSON.stringify(one.learning.toState())));
    // What came before the snapshot is remembered, and not learned again.
    const since = other.learning.learnedUntil;
    for (const call of judged) other.learning.replay(call, since);
    expect(other.rank().detail.expected).toEqual(one.rank().detail.expected);
    expect(other.learning).toMatchObject({ rewards: 60, calls: 60 });
  });

  test("is learned after a kill from the store, where no snapshot has it", () => {
    const options = { gate: "off", goal: "quality-first", explore: { share: 0 } } as const;
    const one = open(options);
    const early = Array.from({ length: 30 }, (_, step) => one.settle(one.rank(), 1, { at: step + 1 }));
    const snapshot = JSON.stringify(one.learning.toState());
    const late = Array.from({ length: 30 }, (_, step) => one.settle(one.rank(), step % 2, { at: step + 100 }));
    const other = open(options);
    other.learning.restore(JSON.parse(snapshot));
    const since = other.learning.learnedUntil;
    for (const call of [...early, ...late]) other.learning.replay(call, since);
    expect(other.learning).toMatchObject({ rewards: 60, calls: 60 });
    expect(other.rank().detail.expected).toEqual(one.rank().detail.expected);
  });
});
