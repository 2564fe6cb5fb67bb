import { describe, expect, test } from "bun:test";
import { makeCall, makeTarget } from "../../test/support/make-call.ts";
import type { Call } from "../core/call.ts";
import type { ChatRequest } from "../core/chat.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { ModelFacts } from "../core/model.ts";
import type { OperationName } from "../core/operations.ts";
import type { Admission } from "../core/ports/health.ts";
import type { Obstacle, Translator } from "../core/ports/provider.ts";
import type { Strategy } from "../core/ports/strategy.ts";
import { decide } from "./decide.ts";
import { TargetLoads } from "./target-loads.ts";

const translator = (obstacles: readonly Obstacle[]): Translator<OperationName> =>
  ({ unsupported: () => obstacles }) as unknown as Translator<OperationName>;

const decideFor = (
  facts: Readonly<Record<string, ModelFacts>>,
  parts: {
    readonly request?: Partial<ChatRequest>;
    readonly obstacles?: Readonly<Record<string, readonly Obstacle[]>>;
    readonly models?: ReadonlySet<string>;
    readonly resting?: Readonly<Record<string, Admission>>;
    readonly strategy?: Call["route"]["strategy"];
  } = {},
) => {
  const made = makeCall({
    targets: Object.entries(facts).map(([id, known]) => makeTarget(id, known)),
    ...(parts.request === undefined ? {} : { request: parts.request }),
    ...(parts.strategy === undefined ? {} : { route: { strategy: parts.strategy } }),
    caller: { models: parts.models ?? null },
  });
  const run = async () => {
    const { ranked } = await decide(made.call as unknown as Call, {
      translatorOf: ({ id }) => translator(parts.obstacles?.[id] ?? []),
      loads: new TargetLoads(),
      health: { look: (id) => parts.resting?.[id] ?? { kind: "closed" } },
      random: () => 0,
    });
    return ranked.map(({ candidate }) => candidate.target.id);
  };
  return { ...made, run };
};

const image = {
  messages: [
    {
      role: "user" as const,
      content: [{ type: "image" as const, source: { kind: "url" as const, url: "https://x/y.png" } }],
    },
  ],
};
const tools = { tools: [{ type: "function" as const, name: "f" }] };

describe("decide", () => {
  test("keeps the candidates that can, and records why others were passed over", async () => {
    const { run, call } = decideFor(
      { "a/x": { tools: false }, "b/x": { tools: true }, "c/x": {} },
      { request: tools, obstacles: { "c/x": [{ field: "tools", reason: "this provider takes none" }] } },
    );
    expect(await run()).toEqual(["b/x"]);
    expect(call.scope.decision?.candidates).toEqual([
      { target: "b/x", score: 0, reason: "the only target" },
      { target: "a/x", reason: "tools: it takes no tools", excluded: true },
      { target: "c/x", reason: "tools: this provider takes none", excluded: true },
    ]);
  });

  const refusals: readonly (readonly [
    string,
    Parameters<typeof decideFor>[1] & object,
    ModelFacts,
    ErrorCode,
    string,
  ])[] = [
    ["tools", { request: tools }, { tools: false }, "unsupported_parameter", "tools"],
    ["images", { request: image }, { inputModalities: ["text"] }, "unsupported_parameter", "messages.0.content.0"],
    ["a prompt that is too long", {}, { contextTokens: 5 }, "context_length_exceeded", "messages"],
    ["a key that does not reach", { models: new Set(["other"]) }, {}, "permission_denied", "model"],
    ["chat with an embedding model", {}, { embeddings: true }, "unsupported_parameter", "model"],
  ];
  for (const [name, parts, facts, code, param] of refusals)
    test(`refuses ${name}, naming field and target`, async () => {
      const { run } = decideFor({ "a/x": facts }, parts);
      await expect(run()).rejects.toThrow(
        expect.objectContaining({ code, param, message: expect.stringContaining("a/x") }),
      );
    });

  test("unknown facts exclude nothing", async () => {
    expect(await decideFor({ "a/x": {} }, { request: { ...image, ...tools } }).run()).toEqual(["a/x"]);
  });

  for (const [name, rank] of [
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["loses a candidate", () => []],
  ] as const)
    test(`a strategy that ${name} gives the route's own order, and the decision says so`, async () => {
      const { run, call } = decideFor({ "a/x": {}, "b/x": {} }, { strategy: { kind: "custom", rank } });
      expect(await run()).toEqual(["a/x", "b/x"]);
      expect(call.scope.decision?.fallback).toContain("custom");
    });

  test("puts targets that cannot be called now last, and says why", async () => {
    const reason = "its circuit is open after repeated failures";
    const resting = {
      "a/x": { kind: "open" as const, waitMilliseconds: 1, reason },
      "b/x": { kind: "probe" as const },
    };
    const { run, call } = decideFor({ "a/x": {}, "b/x": {}, "c/x": {} }, { resting });
    expect(await run()).toEqual(["b/x", "c/x", "a/x"]);
    expect(call.scope.decision?.candidates.at(-1)?.reason).toContain(reason);
  });
});

describe("a strategy that filters and tells more", () => {
  const decideBy = async (strategy: Strategy, targets: readonly string[] = ["a/x", "b/x"]) => {
    const made = makeCall({ targets: targets.map((id) => makeTarget(id)), route: { strategy } });
    const plan = await decide(made.call as unknown as Call, {
      translatorOf: () => translator([]),
      loads: new TargetLoads(),
      health: { look: () => ({ kind: "closed" }) },
      random: () => 0,
    });
    return { plan, decision: made.call.scope.decision };
  };
  const keeping = (wanted: string): Strategy => ({
    kind: "keeping",
    asksAlways: true,
    rank: (candidates) => ({
      ranked: candidates
        .filter(({ target }) => target.id === wanted)
        .map((candidate) => ({ candidate, score: 1, reason: "wanted" })),
      filtered: candidates
        .filter(({ target }) => target.id !== wanted)
        .map((candidate) => ({ candidate, reason: "not wanted" })),
    }),
  });

  test("what it filters out stands among the excluded, with its reason", async () => {
    const { plan, decision } = await decideBy(keeping("b/x"));
    expect(plan.ranked.map(({ candidate }) => candidate.target.id)).toEqual(["b/x"]);
    expect(decision?.candidates).toEqual([
      { target: "b/x", score: 1, reason: "wanted" },
      { target: "a/x", reason: "not wanted", excluded: true },
    ]);
  });

  test("nothing left is told with every reason, also of the only candidate", async () => {
    const refusal = await decideBy(keeping("c/x"), ["a/x"]).catch((error: unknown) => error);
    expect(String(refusal)).toContain("a/x: not wanted");
  });

  test("a cascade goes on to the attempt loop, and the decision says why", async () => {
    const { plan, decision } = await decideBy({
      kind: "joint",
      rank: (candidates) => ({
        ranked: candidates.map((candidate) => ({ candidate, score: 0, reason: "in turn" })),
        cascade: { kind: "agreement", steps: [candidates], needed: 2, reason: "both are cheap" },
      }),
    });
    expect(plan.cascade?.steps).toHaveLength(1);
    expect(decision?.reason).toBe("joint: both are cheap");
  });
});
