import { describe, expect, test } from "bun:test";
import { makeCall, makeTarget } from "../../test/support/make-call.ts";
import type { Call, Reply } from "../core/call.ts";
import { type ErrorCode, GatewayError } from "../core/errors.ts";
import type { Bound, Holding, SpendingGuard } from "../core/ports/budgets.ts";
import type { Chunk } from "../core/reply.ts";
import type { CompiledRoute } from "../core/route.ts";
import { carryOut } from "./attempt.ts";
import { Breakers } from "./breakers.ts";
import { HedgeBudget } from "./hedge-budget.ts";
import { RetryBudget } from "./retry-budget.ts";
import { TargetLoads } from "./target-loads.ts";

const clock = { monotonic: () => performance.now(), wall: () => 0 };
const price = { input: 1, output: 1 };
const facts = { price, maxOutputTokens: 100 };
const targets = [makeTarget("a/one", facts), makeTarget("b/two", facts)];

const whole: Reply = {
  kind: "whole",
  value: {
    id: "1",
    created: 1,
    model: "m",
    choices: [{ index: 0, content: [{ type: "text", text: "hi" }], finishReason: "stop" }],
    usage: { inputTokens: 1, outputTokens: 1 },
  },
};
const dying = (): Reply => ({
  kind: "stream",
  batches: (async function* (): AsyncGenerator<readonly Chunk[]> {
    yield [{ type: "start", id: "1", created: 1, model: "m" }];
    yield [{ type: "text", choice: 0, text: "The " }];
    throw new GatewayError("upstream_unreachable", "it died");
  })(),
});
const finishing = (): Reply => ({
  kind: "stream",
  batches: (async function* (): AsyncGenerator<readonly Chunk[]> {
    yield [{ type: "start", id: "2", created: 1, model: "m" }];
    yield [
      { type: "text", choice: 0, text: "The end" },
      { type: "finish", choice: 0, reason: "stop" },
    ];
  })(),
});

type Step = Reply | ErrorCode | { readonly after: number; readonly reply: Reply };

/** A guard that pays for so many attempts, of certain targets or of all. */
const paying = (attempts: number, mayBe: (target: string) => boolean = () => true) => {
  const held: string[] = [];
  const amounts: (number | null)[] = [];
  let released = 0;
  const spending: SpendingGuard = {
    hold(_call, { id }, { cost }: Bound): Promise<Holding> | Holding {
      if (held.length >= attempts || !mayBe(id))
        return {
          kind: "refused",
          reason: "too dear",
          error: new GatewayError("insufficient_quota", `no money for ${id}`, { retryAfterMilliseconds: Infinity }),
        };
      held.push(id);
      amounts.push(cost);
      const holding: Holding = {
        kind: "held",
        release: () => {
          released += 1;
        },
      };
      return held.length % 2 === 0 ? Promise.resolve(holding) : holding;
    },
  };
  return { spending, held, amounts, released: () => released };
};

const run = (
  guard: { readonly spending: SpendingGuard },
  script: Readonly<Record<string, Step[]>>,
  { route = {}, stream = false }: { readonly route?: Partial<CompiledRoute>; readonly stream?: boolean } = {},
) => {
  const made = makeCall({ targets, request: { stream }, route });
  const breakers = new Breakers(clock);
  const reply = carryOut(
    made.call.route.candidates.map((candidate) => ({ candidate, score: 0, reason: "" })),
    made.call as unknown as Call,
    {
      async invoke(_call, { id }, { signal }) {
        const step = script[id]?.shift();
        if (step === undefined) throw new Error(`no step left for ${id}`);
        if (typeof step === "string") throw new GatewayError(step, `it was ${step}`);
        if (!("after" in step)) return step;
        await new Promise((resolve, reject) => {
          setTimeout(resolve, step.after);
          signal.addEventListener("abort", () => reject(signal.reason));
        });
        return step.reply;
      },
      ...{ loads: new TargetLoads(), health: breakers, retries: new RetryBudget(clock), hedges: new HedgeBudget() },
      ...{ prefillOf: () => undefined, clock, random: () => 0, spending: guard.spending },
    },
  );
  return { ...made, reply, breakers };
};

const dispatches = (made: ReturnType<typeof run>): readonly string[] =>
  made.journal.flatMap((record) => (record.type === "dispatched" ? record.target : []));

describe("each dispatch is held before", () => {
  test("a first try, tries again and a fallback", async () => {
    const guard = paying(9);
    const fails: Step[] = ["upstream_error", "upstream_error", "upstream_error"];
    const made = run(guard, { "a/one": fails, "b/two": [whole] });
    await made.reply;
    expect(guard.held).toEqual(["a/one", "a/one", "a/one", "b/two"]);
    expect(dispatches(made)).toEqual(guard.held);
    const worst = made.journal.flatMap((record) => (record.type === "dispatched" ? record.worstCasePicoUsd : []));
    expect(guard.amounts).toEqual(worst);
  });

  test("a hedge", async () => {
    const guard = paying(9);
    const made = run(
      guard,
      { "a/one": [{ after: 300, reply: whole }], "b/two": [whole] },
      { route: { hedge: { after: 10, maxShare: 1 } } },
    );
    await made.reply;
    expect(guard.held).toEqual(["a/one", "b/two"]);
    expect(dispatches(made)).toEqual(guard.held);
  });

  test("a rescue", async () => {
    const guard = paying(9);
    const made = run(guard, { "a/one": [dying()], "b/two": [finishing()] }, { stream: true });
    const reply = await made.reply;
    if (reply.kind !== "stream") throw new Error("no stream");
    for await (const _ of reply.batches);
    expect(guard.held.length).toBe(dispatches(made).length);
    expect(guard.held).toContain("b/two");
  });
});

describe("what is refused is not dispatched", () => {
  test("a cheaper target answers in its place", async () => {
    const guard = paying(9, (id) => id === "b/two");
    const made = run(guard, { "b/two": [whole] });
    await made.reply;
    expect(dispatches(made)).toEqual(["b/two"]);
  });

  test("a try again is left out, and the failure before it is what is told", async () => {
    const made = run(paying(1), { "a/one": ["upstream_error"] });
    await expect(made.reply).rejects.toMatchObject({ code: "upstream_error" });
    expect(dispatches(made)).toEqual(["a/one"]);
  });

  test("a hedge is left out, and the first attempt answers", async () => {
    const made = run(
      paying(1),
      { "a/one": [{ after: 60, reply: whole }] },
      { route: { hedge: { after: 10, maxShare: 1 } } },
    );
    expect((await made.reply).kind).toBe("whole");
    expect(dispatches(made)).toEqual(["a/one"]);
  });

  test("a rescue is left out, and what killed the stream is told", async () => {
    const made = run(paying(1), { "a/one": [dying()] }, { stream: true });
    const reply = await made.reply;
    const read = async (): Promise<void> => {
      if (reply.kind === "stream") for await (const _ of reply.batches);
    };
    await expect(read()).rejects.toMatchObject({ code: "upstream_unreachable" });
    expect(dispatches(made)).toEqual(["a/one"]);
  });

  test("a call that nothing pays for leaves no row, and takes no place at a target", async () => {
    const made = run(paying(0), {});
    await expect(made.reply).rejects.toMatchObject({ code: "insufficient_quota", message: "no money for a/one" });
    made.call.scope.finish({ outcome: "error", status: 429 });
    expect(made.journal).toEqual([]);
    expect(await made.breakers.look("a/one")).toEqual({ kind: "closed" });
  });

  test("what is held of an attempt that cannot be dispatched is given back", async () => {
    const guard = paying(9);
    const made = makeCall({ targets });
    made.abort(new GatewayError("client_closed_request", "gone"));
    const refused = { ...made.call, scope: Object.create(made.call.scope) as Call["scope"] };
    const reply = carryOut(
      refused.route.candidates.map((candidate) => ({ candidate, score: 0, reason: "" })),
      refused as unknown as Call,
      {
        invoke: () => Promise.reject(new Error("never")),
        ...{ loads: new TargetLoads(), health: new Breakers(clock), retries: new RetryBudget(clock) },
        ...{ hedges: new HedgeBudget(), prefillOf: () => undefined, clock, random: () => 0, spending: guard.spending },
      },
    );
    await expect(reply).rejects.toMatchObject({ code: "client_closed_request" });
    expect([guard.held.length, guard.released()]).toEqual([1, 1]);
    expect(made.journal).toEqual([]);
  });
});
