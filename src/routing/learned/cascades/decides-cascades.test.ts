import { describe, expect, test } from "bun:test";
import { makeCall, makeTarget } from "../../../../test/support/make-call.ts";
import type { Call } from "../../../core/call.ts";
import type { ChatRequest } from "../../../core/chat.ts";
import type { DecisionDetail } from "../../../core/decision.ts";
import { isCascadeAction, targetsOfAction } from "../../../core/plan.ts";
import type { DecidedCall, Feedback } from "../../../core/ports/learning.ts";
import type { Features, Ranking } from "../../../core/ports/strategy.ts";
import type { RouteLearning } from "../online/route-learning.ts";
import { type LearnedOptions, learnedOptions } from "../options.ts";
import { learned, learningName } from "../strategy.ts";

const targets = [
  makeTarget("a/small", { price: { input: 0.1, output: 0.2 } }),
  makeTarget("b/other", { price: { input: 0.1, output: 0.3 } }),
  makeTarget("c/large", { price: { input: 3, output: 15 } }),
];
const action = "a/small + b/other + c/large";
type Decided = Ranking & { readonly detail: DecisionDetail; readonly id: string };

const open = (options: Partial<LearnedOptions> = {}, among = targets) => {
  const kept = new Map<string, unknown>();
  const candidates = among.map((target) => ({ target, weight: 1 }));
  const strategy = learned.create(
    // Cheap enough that quality decides.
    learnedOptions.parse({
      ...{ cascades: true, goal: { lambda: 1 }, gate: "off", explore: { share: 0 } },
      ...options,
    }),
    {
      ...{ route: "auto", candidates, clock: { monotonic: () => 0, wall: () => 0 } },
      keep: <State>(name: string, make: () => State): State => {
        if (!kept.has(name)) kept.set(name, make());
        return kept.get(name) as State;
      },
    },
  );
  let number = 0;
  const rank = (request: Partial<ChatRequest> = {}, features: Partial<Features> = {}): Decided => {
    const { call } = makeCall({ targets: among, request });
    const asked = { ...call, id: `call-${number++}` } as unknown as Call;
    const ranking = strategy.rank(candidates, asked, {
      ...{ sequence: 0, random: 0.999, estimatedInputTokens: 100 },
      load: () => ({ inFlight: 0, latencyMilliseconds: undefined }),
      ...features,
    }) as Ranking & { readonly detail: DecisionDetail };
    return { ...ranking, id: asked.id };
  };
  const learning = kept.get(learningName) as RouteLearning;
  /** Tells how a decided cascade went. */
  const settle = (
    { id, detail }: Decided,
    target: string,
    more: Partial<DecidedCall & Feedback & { step: number }>,
  ) => {
    const { step, reward, userId = null, costUsd = 0.001 } = more;
    const { cascade } = detail;
    const call: DecidedCall = {
      ...{ callId: id, tenant: "default", keyId: null, userId, route: "auto", startedAt: 0, outcome: "ok" },
      ...{ targets: targetsOfAction(detail.action), target, costUsd, durationMilliseconds: 300 },
      detail:
        cascade === undefined || step === undefined
          ? detail
          : { ...detail, cascade: { ...cascade, settledAtStep: step } },
    };
    learning.settled(call);
    if (reward !== undefined)
      learning.rewarded(call, {
        ...{ id: "1", callId: id, tenant: "default", giver: "app", source: "verifier", reward, at: 0 },
      });
  };
  const beliefs = (): readonly string[] => learning.beliefs.of("default").names();
  const weightOf = (name: string): number => learning.beliefs.of("default").weight(name);
  return { rank, settle, learning, beliefs, weightOf };
};

const json = { kind: "json" } as const;
const tools = [{ type: "function", name: "look", parameters: {} }] as unknown as NonNullable<ChatRequest["tools"]>;
const cascadesOf = ({ detail }: Decided): readonly string[] =>
  detail.expected.map((one) => one.action).filter(isCascadeAction);

describe("cascades among the actions", () => {
  const offered: readonly (readonly [string, Partial<ChatRequest>, Partial<LearnedOptions>, readonly string[]])[] = [
    ["not unless they are turned on", {}, { cascades: false }, []],
    ["agreement, where answers may be compared", {}, {}, [action]],
    [
      "checks too, where JSON is asked for",
      { responseFormat: json },
      {},
      ["a/small + b/other", "a/small + c/large", action, "b/other + c/large"],
    ],
    ["none with several choices", { n: 2 }, {}, []],
    ["none with tools", { tools }, {}, []],
    ["with tools that may not be used", { tools, toolChoice: { kind: "none" } }, {}, [action]],
  ];
  test.each(offered)("%s", (_, request, options, cascades) => {
    expect([...cascadesOf(open(options).rank(request))].toSorted()).toEqual([...cascades].toSorted());
  });

  test("none of a text completion's", () => {
    const { rank } = open();
    const { call } = makeCall({ targets });
    expect(cascadesOf(rank())).toHaveLength(1);
    const completion = { ...call, operation: "textCompletion", request: { model: "x", prompt: ["Say"] } };
    const strategy = learned.create(learnedOptions.parse({ cascades: true }), {
      ...{ route: "r", candidates: call.route.candidates, clock: { monotonic: () => 0, wall: () => 0 } },
      keep: (_, make) => make(),
    });
    const { detail } = strategy.rank(call.route.candidates, completion as unknown as Call, {
      ...{
        sequence: 0,
        random: 0.9,
        estimatedInputTokens: 10,
        load: () => ({ inFlight: 0, latencyMilliseconds: undefined }),
      },
    }) as Decided;
    expect(detail.expected).toHaveLength(3);
  });

  test("at most 24, of however many targets", () => {
    const many = Array.from({ length: 20 }, (_, place) => {
      const output = 0.2 * 1.35 ** place;
      return makeTarget(`p/m${place}`, { price: { input: output / 4, output } });
    });
    expect(cascadesOf(open({ goal: { lambda: 5 } }, many).rank({ responseFormat: json }))).toHaveLength(24);
  });

  test("one that is taken is carried out before the ranking, in which every target stands", () => {
    const { detail, cascade, ranked } = open().rank();
    expect(detail).toMatchObject({ action, propensity: 1, cascade: { kind: "agreement" } });
    expect(detail.cascade?.settledAtStep).toBeUndefined();
    expect(cascade?.steps.map((step) => step.map(({ target }) => target.id))).toEqual([
      ["a/small", "b/other"],
      ["c/large"],
    ]);
    expect(cascade).toMatchObject({ kind: "agreement", needed: 2 });
    expect(cascade?.reason).toContain(`${action} (utility: `);
    expect(ranked.map(({ candidate }) => candidate.target.id).toSorted()).toEqual(targets.map(({ id }) => id));
    const { quality, costUsd, terms } = detail.expected.find((one) => one.action === action) ?? {};
    const { settles = 0, right = 0, otherwise = 0 } = detail.cascade?.expected ?? {};
    expect(quality).toBeCloseTo(settles * right + (1 - settles) * otherwise, 3);
    const cost = (id: string): number => detail.expected.find((one) => one.action === id)?.costUsd ?? Number.NaN;
    expect(costUsd).toBeCloseTo(cost("a/small") + cost("b/other") + (1 - settles) * cost("c/large"), 5);
    const sum = Object.values(terms ?? {}).reduce((total, part) => total + part, 0);
    expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(quality ?? 0, 2);
  });

  test("a stream asks more of them, since it is silent until they settle", () => {
    const { rank } = open();
    const utility = (request: Partial<ChatRequest>): number =>
      rank(request).detail.expected.find((one) => one.action === action)?.utility ?? Number.NaN;
    expect(utility({ stream: false }) - utility({ stream: true })).toBeCloseTo(0.01, 6);
  });

  test("time counts: the slower of two, and the third as often as it is asked", () => {
    const { rank } = open({ learn: false });
    const load = (id: string) => ({
      inFlight: 0,
      latencyMilliseconds: { "a/small": 100, "b/other": 300 }[id] ?? 1_000,
    });
    const { detail } = rank({}, { load });
    const found = detail.expected.find((one) => one.action === action);
    expect(found?.latencyMilliseconds).toBe(Math.round(300 + (1 - (detail.cascade?.expected.settles ?? 0)) * 1_000));
  });

  test("dice: propensities of targets and cascades add up to one", () => {
    const { rank } = open({ explore: { share: 0.02 } });
    const chances = new Map<string, number>();
    for (let step = 0; step < 2_000; step++) {
      const { detail } = rank({}, { random: step / 2_000, isDryRun: true });
      chances.set(detail.action, detail.propensity);
    }
    expect([...chances.keys()].toSorted()).toEqual(["a/small", action, "b/other", "c/large"].toSorted());
    expect([...chances.values()].reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 9);
  });

  test("without proof a single target serves", () => {
    const { detail, cascade } = open({ gate: { delta: 0.01, minJudged: 200 } }).rank();
    expect(isCascadeAction(detail.action)).toBe(false);
    expect(cascade).toBeUndefined();
  });
});

describe("what is learned of a cascade", () => {
  test("whether its first step settles it needs no feedback", () => {
    const { rank, settle, beliefs } = open();
    const before = rank().detail.cascade?.expected.settles ?? 0;
    for (let step = 0; step < 10; step++) settle(rank(), "c/large", { step: 2 });
    expect(beliefs()).toEqual(["agree: a/small + b/other"]);
    const again = rank().detail.expected.find((one) => one.action === action);
    expect(again?.costUsd).toBeGreaterThan(0);
    expect(rank().detail.cascade?.expected.settles ?? 0).toBeLessThan(before / 2);
  });

  test("a reward goes to the part that gave the answer, and to no target", () => {
    const { rank, settle, weightOf } = open();
    settle(rank(), "b/other", { step: 1, reward: 1 });
    settle(rank(), "c/large", { step: 2, reward: 0 });
    expect(weightOf("agreed: a/small + b/other")).toBeCloseTo(1, 9);
    expect(weightOf(`differed: ${action}`)).toBeCloseTo(1, 9);
    for (const { id } of targets) expect(weightOf(id)).toBe(0);
  });

  test("nothing where it did not go as planned", () => {
    const { rank, settle, beliefs, learning } = open();
    settle(rank(), "c/large", { reward: 1 });
    settle(rank(), "c/large", { step: 1, reward: 1 });
    settle(rank(), "a/small", { step: 2, reward: 1 });
    expect(beliefs()).toEqual([]);
    expect(learning.rewards).toBe(0);
  });

  test("the last target, where it is asked nearly always", () => {
    const { rank, settle, weightOf } = open();
    for (let step = 0; step < 40; step++) settle(rank(), "c/large", { step: 2 });
    const decided = rank();
    if (decided.detail.cascade === undefined) expect(decided.detail.action).toBe("c/large");
    else expect(decided.detail.cascade.expected.settles).toBeLessThan(0.15);
    settle(decided, "c/large", { step: 2, reward: 1 });
    expect(weightOf("c/large")).toBeCloseTo(1, 9);
  });

  test("what its targets cost", () => {
    const { rank, settle } = open();
    const costOf = (id: string): number => rank().detail.expected.find((one) => one.action === id)?.costUsd ?? 0;
    const before = [costOf("a/small"), costOf("c/large")];
    for (let step = 0; step < 50; step++) settle(rank(), "c/large", { step: 2, costUsd: 0.05 });
    expect(costOf("c/large")).toBeGreaterThan(2 * (before[1] as number));
    expect(costOf("a/small")).toBeLessThan(1.5 * (before[0] as number));
  });

  test("is forgotten with a user, and doubted where a target's model becomes another", () => {
    const { rank, settle, learning, weightOf } = open();
    const part = "agreed: a/small + b/other";
    for (let step = 0; step < 10; step++)
      settle(rank(), "a/small", { step: 1, reward: 1, userId: step < 5 ? "ada" : "bob" });
    learning.forgotten("default", "ada");
    expect(weightOf(part)).toBeCloseTo(5, 6);
    learning.noteFacts("b/other", "another");
    expect(weightOf(part)).toBeCloseTo(1.5, 6);
  });

  test("survives JSON", () => {
    const { rank, settle, learning } = open();
    for (let step = 0; step < 10; step++)
      settle(rank(), step % 2 ? "a/small" : "c/large", { step: step % 2 ? 1 : 2, reward: 1 });
    const other = open();
    other.learning.restore(JSON.parse(JSON.stringify(learning.toState())));
    const numbers = ({ detail }: Decided) => detail.expected.find((one) => one.action === action)?.quality;
    expect(numbers(other.rank())).toBe(numbers(rank()) as number);
  });
});
