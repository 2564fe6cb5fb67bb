import { describe, expect, test } from "bun:test";
import { openHeldJournal } from "../../test/support/held-journal.ts";
import { makeCall, makeTarget } from "../../test/support/make-call.ts";
import type { Call, Reply } from "../core/call.ts";
import type { CancelSignal } from "../core/cancel.ts";
import { type ErrorCode, GatewayError } from "../core/errors.ts";
import type { Chunk, Completion } from "../core/reply.ts";
import { carryOut } from "./attempt.ts";
import { Breakers } from "./breakers.ts";
import { HedgeBudget } from "./hedge-budget.ts";
import { RetryBudget } from "./retry-budget.ts";
import { TargetLoads } from "./target-loads.ts";
import type { InvokeTarget } from "./try-target.ts";

const answer = (text: string): Completion => ({
  id: "1",
  created: 1,
  model: "m",
  choices: [{ index: 0, content: [{ type: "text", text }], finishReason: "stop" }],
  usage: { inputTokens: 7, outputTokens: 3 },
});
const whole = (text: string): Reply => ({ kind: "whole", value: answer(text) });

type Step = Reply | ErrorCode | GatewayError | ((signal: CancelSignal) => Promise<Reply>);

/** An upstream that does, call by call, what a script says. */
const scripted = (script: Readonly<Record<string, Step[]>>) => {
  const seen: string[] = [];
  const invoke: InvokeTarget = async (_call, target, { signal }) => {
    seen.push(target.id);
    const step = script[target.id]?.shift();
    if (step === undefined) throw new Error(`no step left for ${target.id}`);
    if (typeof step === "string") throw new GatewayError(step, `it was ${step}`);
    if (step instanceof GatewayError) throw step;
    return typeof step === "function" ? step(signal) : step;
  };
  return { invoke, seen };
};

const clock = { monotonic: () => performance.now(), wall: () => 0 };

const run = (call: Call<"chat">, invoke: InvokeTarget, loads = new TargetLoads()): Promise<Reply> =>
  carryOut(
    call.route.candidates.map((candidate) => ({ candidate, score: 0, reason: "" })),
    call as unknown as Call,
    {
      invoke,
      loads,
      clock,
      health: new Breakers(clock),
      retries: new RetryBudget(clock),
      hedges: new HedgeBudget(),
      prefillOf: () => undefined,
      random: () => 0,
    },
  );

const silent = (signal: CancelSignal): Promise<Reply> =>
  new Promise((_resolve, reject) => {
    // Of an abort that was before, nobody is told.
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

const streamOf = (steps: readonly (readonly Chunk[] | Error)[]): Reply => ({
  kind: "stream",
  batches: {
    [Symbol.asyncIterator]() {
      const rest = [...steps];
      return {
        async next() {
          const step = rest.shift();
          if (step === undefined) return { done: true, value: undefined };
          if (step instanceof Error) throw step;
          return { done: false, value: step };
        },
      };
    },
  },
});
const start: Chunk = { type: "start", id: "1", created: 1, model: "m" };
const text = (content: string): Chunk => ({ type: "text", choice: 0, text: content });
const finish: Chunk = { type: "finish", choice: 0, reason: "stop" };

const a = makeTarget("a/one", { price: { input: 1, output: 2 } });
const b = makeTarget("b/two");

describe("carryOut", () => {
  const cases: readonly {
    readonly name: string;
    readonly script: Record<string, Step[]>;
    readonly seen: readonly string[];
    readonly error?: ErrorCode;
  }[] = [
    { name: "takes the first answer", script: { "a/one": [whole("hi")] }, seen: ["a/one"] },
    {
      name: "tries a target again where that may help",
      script: { "a/one": ["upstream_error", "upstream_unreachable", whole("hi")] },
      seen: ["a/one", "a/one", "a/one"],
    },
    {
      name: "falls back when the tries are used up",
      script: { "a/one": ["upstream_error", "upstream_error", "upstream_error"], "b/two": [whole("hi")] },
      seen: ["a/one", "a/one", "a/one", "b/two"],
    },
    {
      name: "leaves a target that refuses its credential at once",
      script: { "a/one": ["upstream_authentication"], "b/two": [whole("hi")] },
      seen: ["a/one", "b/two"],
    },
    {
      name: "does not take a bad request elsewhere",
      script: { "a/one": ["upstream_rejected_request"] },
      seen: ["a/one"],
      error: "upstream_rejected_request",
    },
    {
      name: "takes a prompt that is too long to the next target",
      script: { "a/one": ["context_length_exceeded"], "b/two": [whole("hi")] },
      seen: ["a/one", "b/two"],
    },
    {
      name: "goes on where the provider wants a long pause",
      script: {
        "a/one": [new GatewayError("rate_limit_exceeded", "wait", { retryAfterMilliseconds: 60_000 })],
        "b/two": [whole("hi")],
      },
      seen: ["a/one", "b/two"],
    },
    {
      name: "waits a short pause out",
      script: {
        "a/one": [new GatewayError("rate_limit_exceeded", "wait", { retryAfterMilliseconds: 1 }), whole("hi")],
      },
      seen: ["a/one", "a/one"],
    },
    {
      name: "gives the failure that tells the most",
      script: { "a/one": ["context_length_exceeded"], "b/two": ["upstream_invalid_response"] },
      seen: ["a/one", "b/two"],
      error: "context_length_exceeded",
    },
  ];
  for (const { name, script, seen, error } of cases)
    test(name, async () => {
      const { call, journal } = makeCall({ targets: [a, b] });
      const upstream = scripted(script);
      const reply = run(call, upstream.invoke);
      if (error === undefined) expect((await reply).kind).toBe("whole");
      else await expect(reply).rejects.toMatchObject({ code: error });
      expect(upstream.seen).toEqual([...seen]);
      expect(journal.map(({ type }) => type)).toEqual(seen.map(() => "dispatched"));
    });

  describe("while a dispatch is being written", () => {
    const opened = () => {
      const held = openHeldJournal();
      const made = makeCall({ targets: [a, b], heldJournal: held.journal });
      const upstream = scripted({ "a/one": [whole("hi")], "b/two": [whole("hi")] });
      const reply = run(made.call, upstream.invoke);
      return { ...held, ...made, seen: upstream.seen, reply };
    };

    test("nobody is called; then the target is", async () => {
      const { seen, held, write, reply } = opened();
      await Bun.sleep(5);
      expect([seen, held()]).toEqual([[], ["dispatched"]]);
      write();
      expect((await reply).kind).toBe("whole");
      expect(seen).toEqual(["a/one"]);
    });

    test("a caller who leaves has called nobody, and pays nothing", async () => {
      const { seen, write, reply, abort, call } = opened();
      await Bun.sleep(5);
      abort(new GatewayError("client_closed_request", "gone"));
      write();
      await expect(reply).rejects.toMatchObject({ code: "client_closed_request" });
      expect(seen).toEqual([]);
      const records = call.scope.attempts.map((attempt) => attempt.record());
      expect(records).toMatchObject([{ outcome: "aborted", errorCode: "client_closed_request", costSource: "none" }]);
    });

    test("and cannot be, no target is called, and the call has no attempt", async () => {
      const { seen, refuse, reply, call } = opened();
      await Bun.sleep(5);
      refuse(new GatewayError("storage_unavailable", "full"));
      await expect(reply).rejects.toMatchObject({ code: "storage_unavailable" });
      expect([seen, call.scope.attempts]).toEqual([[], []]);
    });
  });

  test("records every attempt, and charges what answered", async () => {
    const { call, settled } = makeCall({ targets: [a, b] });
    await run(call, scripted({ "a/one": ["upstream_error", whole("hi")] }).invoke);
    call.scope.finish({ outcome: "ok", status: 200 });
    call.scope.finish({ outcome: "error", status: 500 });
    expect(settled).toHaveLength(1);
    expect(settled[0]).toMatchObject({
      outcome: "ok",
      target: "a/one",
      costPicoUsd: 7e6 + 6e6,
      chargePicoUsd: 13e6,
      attempts: [
        { number: 1, outcome: "error", errorCode: "upstream_error", delivered: false },
        { number: 2, outcome: "ok", costSource: "reported", delivered: true },
      ],
    });
  });

  test("abandons a silent target for the next when the first token is late", async () => {
    const timeouts = {
      connectMilliseconds: 1_000,
      headersMilliseconds: 1_000,
      firstTokenMilliseconds: 20,
      idleMilliseconds: 1_000,
      totalMilliseconds: 5_000,
    };
    const { call } = makeCall({ targets: [a, b], request: { stream: true }, route: { timeouts } });
    const upstream = scripted({ "a/one": [silent], "b/two": [streamOf([[start, text("hi"), finish]])] });
    const reply = await run(call, upstream.invoke);
    expect(reply.kind).toBe("stream");
    expect(upstream.seen).toEqual(["a/one", "b/two"]);
  });

  test("puts a whole answer together from a stream, so that a target that falls silent is abandoned", async () => {
    const timeouts = {
      connectMilliseconds: 1_000,
      headersMilliseconds: 1_000,
      firstTokenMilliseconds: 1_000,
      idleMilliseconds: 20,
      totalMilliseconds: 5_000,
    };
    const { call } = makeCall({ targets: [a, b], route: { timeouts, assembleWhole: true } });
    const stalls = (signal: CancelSignal): Promise<Reply> =>
      Promise.resolve({
        kind: "stream",
        batches: {
          [Symbol.asyncIterator]() {
            const batches = [[start, text("never seen")]];
            return {
              next: async () => {
                const batch = batches.shift();
                return batch === undefined ? (silent(signal) as never) : { done: false, value: batch };
              },
            };
          },
        },
      });
    const answered = streamOf([[start, text("he")], [text("llo")], [finish]]);
    const upstream = scripted({ "a/one": [stalls], "b/two": [answered] });
    const reply = await run(call, upstream.invoke);
    expect(reply).toMatchObject({
      kind: "whole",
      value: { choices: [{ content: [{ type: "text", text: "hello" }] }] },
    });
    expect(upstream.seen).toEqual(["a/one", "b/two"]);
    expect(call.scope.attempts.map((attempt) => attempt.record().delivered)).toEqual([false, true]);
  });

  test("a target's own deadline goes before its route's", async () => {
    const impatient = { ...a, timeouts: { firstTokenMilliseconds: 20 } };
    const { call } = makeCall({ targets: [impatient, b], request: { stream: true } });
    const upstream = scripted({ "a/one": [silent], "b/two": [streamOf([[start, text("hi"), finish]])] });
    const began = performance.now();
    await run(call, upstream.invoke);
    expect(upstream.seen).toEqual(["a/one", "b/two"]);
    expect(performance.now() - began).toBeLessThan(500);
  });

  test("believes a stream only when its first content has come", async () => {
    const { call } = makeCall({ targets: [a, b], request: { stream: true } });
    const failing = streamOf([[start], new GatewayError("upstream_overloaded", "busy")]);
    const upstream = scripted({
      "a/one": [failing, failing, failing],
      "b/two": [streamOf([[start], [text("hi")], [finish]])],
    });
    const reply = await run(call, upstream.invoke);
    if (reply.kind !== "stream") throw new Error("expected a stream");
    const chunks: unknown[] = [];
    for await (const batch of reply.batches) chunks.push(...batch);
    expect(chunks).toEqual([start, text("hi"), finish]);
    call.scope.finish({ outcome: "ok", status: 200 });
    expect(call.scope.attempts.map((attempt) => attempt.record().outcome)).toEqual(["error", "error", "error", "ok"]);
  });

  test("cuts a stream that falls silent, and says so", async () => {
    const timeouts = {
      connectMilliseconds: 1_000,
      headersMilliseconds: 1_000,
      firstTokenMilliseconds: 1_000,
      idleMilliseconds: 20,
      totalMilliseconds: 5_000,
    };
    const { call } = makeCall({ targets: [a], request: { stream: true }, route: { timeouts } });
    const stalls = (signal: CancelSignal): Promise<Reply> =>
      Promise.resolve({
        kind: "stream",
        batches: {
          [Symbol.asyncIterator]() {
            let given = false;
            return {
              next: () => {
                if (given) return silent(signal) as never;
                given = true;
                return Promise.resolve({ done: false, value: [start, text("hi")] });
              },
            };
          },
        },
      });
    const reply = await run(call, scripted({ "a/one": [stalls] }).invoke);
    if (reply.kind !== "stream") throw new Error("expected a stream");
    const read = async (): Promise<void> => {
      for await (const _batch of reply.batches);
    };
    await expect(read()).rejects.toMatchObject({ code: "upstream_timeout" });
  });

  test("does not take a slow reader for a silent upstream", async () => {
    const timeouts = {
      connectMilliseconds: 1_000,
      headersMilliseconds: 1_000,
      firstTokenMilliseconds: 1_000,
      idleMilliseconds: 20,
      totalMilliseconds: 5_000,
    };
    const { call } = makeCall({ targets: [a], request: { stream: true }, route: { timeouts } });
    const upstream = scripted({ "a/one": [streamOf([[start, text("one")], [text("two")], [finish]])] });
    const reply = await run(call, upstream.invoke);
    if (reply.kind !== "stream") throw new Error("expected a stream");
    let batches = 0;
    for await (const _batch of reply.batches) {
      batches += 1;
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(batches).toBe(3);
  });

  test("ends a stream that trickles for longer than the call may take", async () => {
    const timeouts = {
      connectMilliseconds: 1_000,
      headersMilliseconds: 1_000,
      firstTokenMilliseconds: 1_000,
      idleMilliseconds: 1_000,
      totalMilliseconds: 60,
    };
    const { call } = makeCall({ targets: [a, b], request: { stream: true }, route: { timeouts } });
    const trickles = (signal: CancelSignal): Promise<Reply> =>
      Promise.resolve({
        kind: "stream",
        batches: {
          [Symbol.asyncIterator]: () => ({
            next: () =>
              new Promise((resolve, reject) => {
                // On a busy machine it may have been given before anybody asked.
                if (signal.aborted) reject(signal.reason);
                signal.addEventListener("abort", () => reject(signal.reason), { once: true });
                setTimeout(resolve, 5, { done: false, value: [text("x")] });
              }),
          }),
        },
      });
    const upstream = scripted({ "a/one": [trickles] });
    const reply = await run(call, upstream.invoke);
    if (reply.kind !== "stream") throw new Error("expected a stream");
    const read = async (): Promise<void> => {
      for await (const _batch of reply.batches);
    };
    await expect(read()).rejects.toMatchObject({ code: "upstream_timeout" });
    expect(upstream.seen).toEqual(["a/one"]);
  });

  test("stops trying when the client is gone, and aborts the upstream", async () => {
    const { call, abort } = makeCall({ targets: [a, b] });
    const upstream = scripted({ "a/one": [silent] });
    const reply = run(call, upstream.invoke);
    await Promise.resolve();
    abort(new GatewayError("client_closed_request", "gone"));
    await expect(reply).rejects.toMatchObject({ code: "client_closed_request" });
    expect(upstream.seen).toEqual(["a/one"]);
    expect(call.scope.attempts[0]?.record()).toMatchObject({ outcome: "aborted", usageSource: "estimated" });
  });

  test("counts calls in flight in and out", async () => {
    const loads = new TargetLoads();
    const { call } = makeCall({ targets: [a, b] });
    const upstream = scripted({
      "a/one": ["upstream_authentication"],
      "b/two": [
        async () => {
          expect(loads.of("b/two").inFlight).toBe(1);
          return whole("hi");
        },
      ],
    });
    await run(call, upstream.invoke, loads);
    expect([loads.of("a/one").inFlight, loads.of("b/two").inFlight]).toEqual([0, 0]);
    expect(loads.of("b/two").latencyMilliseconds).toBeGreaterThanOrEqual(0);
  });
});
