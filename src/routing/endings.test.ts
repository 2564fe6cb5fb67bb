import { describe, expect, test } from "bun:test";
import { drainAll } from "../../test/support/drain-batches.ts";
import { openHeldJournal } from "../../test/support/held-journal.ts";
import { type CallParts, type MadeCall, makeCall, makeTarget } from "../../test/support/make-call.ts";
import type { Batches } from "../core/batches.ts";
import type { Call, Reply } from "../core/call.ts";
import type { CancelSignal } from "../core/cancel.ts";
import { GatewayError } from "../core/errors.ts";
import type { Outcome } from "../core/ledger.ts";
import type { CascadePlan } from "../core/plan.ts";
import type { Health } from "../core/ports/health.ts";
import type { Chunk } from "../core/reply.ts";
import { waitingAlarms } from "./alarms.ts";
import { type AttemptOptions, carryOut } from "./attempt.ts";
import { Breakers } from "./breakers.ts";
import { carryOutCascade } from "./cascade/carry-out-cascade.ts";
import { HedgeBudget } from "./hedge-budget.ts";
import { RetryBudget } from "./retry-budget.ts";
import { TargetLoads } from "./target-loads.ts";
import type { InvokeTarget } from "./try-target.ts";

const clock = { monotonic: () => performance.now(), wall: () => 0 };
const targets = [makeTarget("a/one", { price: { input: 1, output: 2 } }), makeTarget("b/two")];
const gone = () => new GatewayError("client_closed_request", "gone");
const failure = () => new GatewayError("upstream_error", "it broke");

const start: Chunk = { type: "start", id: "1", created: 1, model: "m" };
const text = (words: string): Chunk => ({ type: "text", choice: 0, text: words });
const finish: Chunk = { type: "finish", choice: 0, reason: "stop" };
const hello = [[start, text("hel")], [text("lo")], [finish]];

const whole: Reply = { kind: "whole", value: { id: "1", created: 1, model: "m", choices: [] } };
const said: Reply = {
  kind: "whole",
  value: { ...whole.value, choices: [{ index: 0, content: [{ type: "text", text: "hi" }], finishReason: "stop" }] },
};

/** Gives these batches; then it ends, dies, or says nothing until it is aborted. */
const stream = (
  batches: readonly (readonly Chunk[])[],
  ending: "ends" | "dies" | "is silent",
  signal: CancelSignal,
): Reply => ({
  kind: "stream",
  batches: {
    [Symbol.asyncIterator]() {
      const rest = [...batches];
      const silence = (): Promise<never> =>
        new Promise((_resolve, reject) => {
          if (signal.aborted) reject(signal.reason);
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      return {
        async next() {
          const batch = rest.shift();
          if (batch !== undefined) return { done: false, value: batch };
          if (ending === "dies") throw failure();
          return ending === "ends" ? { done: true, value: undefined } : silence();
        },
      };
    },
  },
});

const silent = (signal: CancelSignal): Promise<Reply> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

interface Played extends MadeCall {
  readonly reply: Promise<Reply>;
}

interface Ending {
  readonly name: string;
  readonly parts?: Partial<CallParts>;
  /** What each target does; the second answers unless told otherwise. */
  readonly does: (target: string, signal: CancelSignal, call: Call) => Reply | Promise<Reply>;
  /** What the caller does. */
  readonly goesOn: (played: Played) => Promise<unknown>;
  readonly health?: Partial<Health>;
  /** Both targets are asked together, and the first whose answer passes is given. */
  readonly cascade?: true;
  /** Failures that the targets' circuits are told of. */
  readonly failures: number;
  readonly outcomes: readonly Outcome[];
}

const streamed = { request: { stream: true } } as const;
const settles = async ({ reply }: Played): Promise<unknown> => await reply;

/** `expect(…).rejects` would hold the whole program up until then, the test's own time limit too. */
const fails =
  (message: string, how: (played: Played) => Promise<unknown> = settles) =>
  async (played: Played): Promise<void> => {
    const thrown = await how(played).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(thrown?.message).toContain(message);
  };

const batchesOf = async ({ reply }: Played): Promise<Batches<Chunk>> => {
  const made = await reply;
  if (made.kind !== "stream") throw new Error("expected a stream");
  return made.batches as Batches<Chunk>;
};
const pull = async (played: Played): Promise<void> => {
  for await (const _batch of await batchesOf(played));
};
const push = async (played: Played): Promise<void> => drainAll(await batchesOf(played), () => undefined);
const leave = async ({ abort }: Played): Promise<void> => {
  await Bun.sleep(1);
  abort(gone());
};

const endings: readonly Ending[] = [
  { name: "a whole answer", does: () => whole, goesOn: settles, failures: 0, outcomes: ["ok"] },
  {
    name: "a failure, and an answer from the next",
    does: (target) => {
      if (target === "a/one") throw failure();
      return whole;
    },
    parts: { route: { retries: { perTarget: 0 } } },
    goesOn: settles,
    failures: 1,
    outcomes: ["error", "ok"],
  },
  {
    name: "a stream that is pulled",
    parts: streamed,
    does: (_target, signal) => stream(hello, "ends", signal),
    goesOn: pull,
    failures: 0,
    outcomes: ["ok"],
  },
  {
    name: "a stream that is pushed",
    parts: streamed,
    does: (_target, signal) => stream(hello, "ends", signal),
    goesOn: push,
    failures: 0,
    outcomes: ["ok"],
  },
  {
    name: "a stream without content",
    parts: streamed,
    does: (_target, signal) => stream([[start]], "ends", signal),
    goesOn: push,
    failures: 0,
    outcomes: ["ok"],
  },
  {
    name: "a stream without anything, and one with an answer",
    parts: { ...streamed, route: { retries: { perTarget: 0 } } },
    does: (target, signal) => stream(target === "a/one" ? [] : hello, "ends", signal),
    goesOn: push,
    failures: 1,
    outcomes: ["error", "ok"],
  },
  {
    name: "a stream that dies before its content",
    parts: { ...streamed, route: { retries: { perTarget: 0 } } },
    does: (_target, signal) => stream([[start]], "dies", signal),
    goesOn: fails("it broke"),
    failures: 2,
    outcomes: ["error", "error"],
  },
  {
    name: "a stream that dies, and so does what should rescue it",
    parts: streamed,
    does: (target, signal) => {
      if (target === "a/one") return stream(hello.slice(0, 1), "dies", signal);
      throw failure();
    },
    goesOn: fails("it broke", push),
    // The dead target is asked again, and dies of the same.
    failures: 3,
    outcomes: ["error", "error", "error"],
  },
  {
    name: "a stream whose reader leaves",
    parts: streamed,
    does: (_target, signal) => stream(hello.slice(0, 1), "is silent", signal),
    goesOn: async (played) => {
      const iterator = (await batchesOf(played))[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.return?.();
    },
    failures: 0,
    outcomes: ["aborted"],
  },
  {
    name: "a stream that nobody reads before the caller leaves",
    parts: streamed,
    does: (_target, signal) => stream(hello, "ends", signal),
    goesOn: async (played) => {
      await batchesOf(played);
      await leave(played);
    },
    failures: 0,
    outcomes: ["aborted"],
  },
  {
    name: "a stream that is read when the caller leaves",
    parts: streamed,
    does: (_target, signal) => stream(hello.slice(0, 1), "is silent", signal),
    goesOn: (played) => Promise.all([fails("gone", push)(played), leave(played)]),
    failures: 0,
    outcomes: ["aborted"],
  },
  {
    name: "an answer put together from a stream",
    parts: { route: { assembleWhole: true } },
    does: (_target, signal) => stream(hello, "ends", signal),
    goesOn: settles,
    failures: 0,
    outcomes: ["ok"],
  },
  {
    name: "such a stream that dies",
    parts: { route: { assembleWhole: true, retries: { perTarget: 0 } } },
    does: (_target, signal) => stream(hello.slice(0, 2), "dies", signal),
    goesOn: fails("it broke"),
    failures: 2,
    outcomes: ["error", "error"],
  },
  {
    name: "a caller who leaves while nothing comes",
    does: (_target, signal) => silent(signal),
    goesOn: (played) => Promise.all([fails("gone")(played), leave(played)]),
    failures: 0,
    outcomes: ["aborted"],
  },
  {
    name: "a caller who leaves while it is asked whether the target may be called",
    health: { admit: () => Bun.sleep(5).then(() => ({ kind: "probe" }) as const) },
    does: (_target, signal) => silent(signal),
    goesOn: (played) => Promise.all([fails("gone")(played), leave(played)]),
    failures: 0,
    outcomes: [],
  },
  {
    name: "a caller who leaves in the pause between two tries",
    does: () => {
      throw new GatewayError("rate_limit_exceeded", "wait", { retryAfterMilliseconds: 1_000 });
    },
    goesOn: (played) => Promise.all([fails("gone")(played), leave(played)]),
    failures: 1,
    outcomes: ["error"],
  },
  {
    name: "a target that is slow, and one beside it",
    parts: { route: { hedge: { after: 1, maxShare: 1 } } },
    does: (target, signal) => (target === "a/one" ? silent(signal) : whole),
    goesOn: settles,
    failures: 0,
    outcomes: ["aborted", "ok"],
  },
  {
    name: "two targets whose streams begin at once",
    parts: { ...streamed, route: { hedge: { after: 1, maxShare: 1 } } },
    does: async (target, signal) => {
      if (target === "a/one") await Bun.sleep(10);
      return stream(hello, "ends", signal);
    },
    goesOn: pull,
    failures: 0,
    outcomes: ["aborted", "ok"],
  },
  {
    name: "a cascade that is settled while one is silent",
    cascade: true,
    does: (target, signal) => (target === "a/one" ? silent(signal) : said),
    goesOn: settles,
    failures: 0,
    outcomes: ["aborted", "ok"],
  },
  {
    name: "a cascade whose streams are put together, one faster than the other",
    cascade: true,
    parts: { ...streamed, route: { assembleWhole: true } },
    does: async (target, signal) => stream(hello, target === "a/one" ? "is silent" : "ends", signal),
    goesOn: pull,
    failures: 0,
    outcomes: ["aborted", "ok"],
  },
  {
    name: "a cascade whose first answer does not pass, and whose second fails",
    cascade: true,
    parts: { route: { retries: { perTarget: 0 } } },
    does: async (target) => {
      if (target === "a/one") return whole;
      await Bun.sleep(3);
      throw failure();
    },
    goesOn: settles,
    failures: 1,
    outcomes: ["ok", "error"],
  },
  {
    name: "a caller who leaves a cascade",
    cascade: true,
    parts: streamed,
    does: (_target, signal) => silent(signal),
    goesOn: (played) => Promise.all([fails("gone")(played), leave(played)]),
    failures: 0,
    outcomes: ["aborted", "aborted"],
  },
  {
    name: "a caller who leaves a cascade while it is asked whether its targets may be called",
    cascade: true,
    health: { admit: () => Bun.sleep(5).then(() => ({ kind: "probe" }) as const) },
    does: (_target, signal) => silent(signal),
    goesOn: (played) => Promise.all([fails("gone")(played), leave(played)]),
    failures: 0,
    outcomes: [],
  },
];

/** Calls of each ending: what one leaves behind, all of them do. */
const calls = 20;

const play = async ({ parts, does, health, goesOn, cascade }: Ending) => {
  const loads = new TargetLoads();
  let failures = 0;
  class Watched extends Breakers {
    override fail(...told: Parameters<Breakers["fail"]>): void {
      failures += 1;
      super.fail(...told);
    }
  }
  const made = makeCall({ targets, ...parts });
  const invoke: InvokeTarget = async (call, { id }, { signal }) => does(id, signal, call);
  const { candidates } = made.call.route;
  const ranked = candidates.map((candidate) => ({ candidate, score: 0, reason: "" }));
  const plan: CascadePlan = { kind: "checked", steps: [candidates], needed: 2, reason: "" };
  const options: AttemptOptions = {
    invoke,
    loads,
    clock,
    health: Object.assign(new Watched(clock), health),
    retries: new RetryBudget(clock),
    hedges: new HedgeBudget(),
    prefillOf: () => undefined,
    random: () => 0,
  };
  const call = made.call as unknown as Call;
  const reply =
    cascade === undefined ? carryOut(ranked, call, options) : carryOutCascade({ ranked, cascade: plan }, call, options);
  reply.catch(() => undefined);
  await goesOn({ ...made, reply });
  // Who lost a race hears of it a moment later.
  await Bun.sleep(15);
  const outcomes = made.call.scope.attempts.map((attempt) => attempt.record().outcome);
  return { failures, outcomes, inFlight: targets.map(({ id }) => loads.of(id).inFlight) };
};

describe("after", () => {
  for (const ending of endings)
    test(`${ending.name}: no deadline waits, nothing is in flight, each failure was told once`, async () => {
      const before = waitingAlarms();
      const all = await Promise.all(Array.from({ length: calls }, () => play(ending)));
      expect(waitingAlarms()).toBe(before);
      for (const { failures, outcomes, inFlight } of all)
        expect({ failures, outcomes, inFlight }).toEqual({
          failures: ending.failures,
          outcomes: [...ending.outcomes],
          inFlight: [0, 0],
        });
    });

  test("a dispatch that is refused, or left while it is written: no deadline waits", async () => {
    const before = waitingAlarms();
    for (const way of ["refused", "left"] as const) {
      const held = openHeldJournal();
      const ending: Ending = {
        name: way,
        parts: { heldJournal: held.journal },
        does: () => whole,
        goesOn: async (played) => {
          await Bun.sleep(1);
          if (way === "left") {
            played.abort(gone());
            held.write();
          } else held.refuse(new GatewayError("storage_unavailable", "full"));
          await fails(way === "left" ? "gone" : "full")(played);
        },
        failures: 0,
        outcomes: [],
      };
      expect(await play(ending)).toMatchObject({ failures: 0, inFlight: [0, 0] });
    }
    expect(waitingAlarms()).toBe(before);
  });
});
