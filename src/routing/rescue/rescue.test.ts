import { describe, expect, test } from "bun:test";
import { array, assert, asyncProperty, constantFrom, integer, string } from "fast-check";
import { drainAll } from "../../../test/support/drain-batches.ts";
import { makeCall, makeTarget } from "../../../test/support/make-call.ts";
import type { Batches, BatchFlow, BatchIterator, BatchSink } from "../../core/batches.ts";
import type { Call, Reply } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import type { PrefillMode } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import type { RescuePolicy } from "../../core/route.ts";
import { carryOut } from "../attempt.ts";
import { Breakers } from "../breakers.ts";
import { HedgeBudget } from "../hedge-budget.ts";
import { RetryBudget } from "../retry-budget.ts";
import { TargetLoads } from "../target-loads.ts";
import type { InvokeTarget } from "../try-target.ts";

const clock = { monotonic: () => performance.now(), wall: () => 0 };
const cut = () => new GatewayError("upstream_invalid_response", "cut short");

/** Pieces of a text, then its end; dies after so many pieces. */
const stream = (id: string, chunks: readonly Chunk[], diesAfter = Number.POSITIVE_INFINITY): Reply => ({
  kind: "stream",
  batches: {
    [Symbol.asyncIterator]() {
      let at = -1;
      return {
        async next() {
          at += 1;
          if (at === 0) return { done: false, value: [{ type: "start", id, created: id.length, model: id }] };
          if (at > diesAfter) throw cut();
          const chunk = chunks[at - 1];
          return chunk === undefined ? { done: true, value: undefined } : { done: false, value: [chunk] };
        },
      };
    },
  },
});

/** The same stream, several pieces at a time. */
const batched = (reply: Reply, perBatch: number): Reply => {
  if (reply.kind !== "stream") return reply;
  const source = reply.batches[Symbol.asyncIterator]() as AsyncIterator<readonly Chunk[]>;
  const next = async (): Promise<IteratorResult<readonly Chunk[]>> => {
    const batch: Chunk[] = [];
    for (let count = 0; count < perBatch; count++) {
      const { done, value } = await source.next();
      if (done) break;
      batch.push(...value);
    }
    return batch.length === 0 ? { done: true, value: undefined } : { done: false, value: batch };
  };
  return { kind: "stream", batches: { [Symbol.asyncIterator]: () => ({ next }) } };
};

/** The same stream as a socket pushes it: so many pieces at once, and the end together with the last of them. */
const pushedAtOnce = (reply: Reply, perRead: number): Reply => {
  if (reply.kind !== "stream") return reply;
  const source = reply.batches[Symbol.asyncIterator]() as BatchIterator<Chunk>;
  const drainTo = (sink: BatchSink<Chunk>): BatchFlow => {
    let state: "open" | "held" | "over" = "open";
    const read = async (): Promise<void> => {
      while (state === "open") {
        const batches: (readonly Chunk[])[] = [];
        let ended = false;
        while (batches.length < perRead && !ended) {
          const step = await source.next();
          if (step.done) ended = true;
          else batches.push(step.value);
        }
        const wantsMore = sink.push(batches.flat());
        if ((state as string) === "over") return;
        // What one read brought is pushed, and then its end, whether or not more is wanted.
        if (ended) {
          state = "over";
          sink.end();
        } else if (!wantsMore) state = "held";
      }
    };
    void read();
    return {
      resume() {
        if (state !== "held") return;
        state = "open";
        void read();
      },
      cancel() {
        state = "over";
      },
    };
  };
  return { kind: "stream", batches: { [Symbol.asyncIterator]: () => ({ next: () => source.next(), drainTo }) } };
};

const texts = (text: string, size: number): Chunk[] =>
  (text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? []).map((piece) => ({ type: "text", choice: 0, text: piece }));
const finish: Chunk = { type: "finish", choice: 0, reason: "stop" };
const usage = (outputTokens: number): Chunk => ({ type: "usage", usage: { inputTokens: 5, outputTokens } });

interface Scenario {
  readonly answer: readonly Chunk[];
  readonly diesAfter: number;
  /** What the second target does with the request that it gets. */
  readonly second: (request: ChatRequest) => Reply;
  readonly mode?: PrefillMode;
  readonly policy?: RescuePolicy;
  readonly request?: Partial<ChatRequest>;
}

const targets = [makeTarget("first/a"), makeTarget("second/b")];

type Way = "pulled" | "pushed";

const openBy =
  (way: Way) =>
  async ({ answer, diesAfter, second, mode, policy = "error", request }: Scenario) => {
    const made = makeCall({ targets, request: { stream: true, ...request }, route: { rescue: policy } });
    let calls = 0;
    const invoke: InvokeTarget = async (call, target) => {
      if (target.id === "second/b") return second(call.request as ChatRequest);
      calls += 1;
      if (calls === 1) return stream("first", answer, diesAfter);
      throw new GatewayError("upstream_unreachable", "dead");
    };
    const reply = await carryOut(
      made.call.route.candidates.map((candidate) => ({ candidate, score: 0, reason: "" })),
      made.call as unknown as Call,
      {
        invoke,
        loads: new TargetLoads(),
        health: new Breakers(clock),
        retries: new RetryBudget(clock),
        hedges: new HedgeBudget(),
        prefillOf: (_request, { id }) => (id === "second/b" ? mode : undefined),
        clock,
        random: () => 0,
      },
    );
    if (reply.kind !== "stream") throw new Error("expected a stream");
    const seen: Chunk[] = [];
    let failure: unknown;
    try {
      const batches = reply.batches as Batches<Chunk>;
      if (way === "pushed") await drainAll(batches, (batch) => seen.push(...batch));
      else for await (const batch of batches) seen.push(...batch);
    } catch (error) {
      failure = error;
    }
    const text = seen.map((chunk) => (chunk.type === "text" ? chunk.text : "")).join("");
    return { ...made, seen, text, failure };
  };

const lastText = (request: ChatRequest): string => {
  const part = request.messages.at(-1)?.content[0];
  return part?.type === "text" ? part.text : "";
};

const whole = "Grüße aus 東京 🙂 – one\n\nanswer,  in pieces. ";

describe.each<Way>(["pulled", "pushed"])("a stream that dies after it began, %s", (way) => {
  const open = openBy(way);
  const continuations: Record<
    string,
    { mode?: PrefillMode; second: (text: string, size: number) => Scenario["second"] }
  > = {
    "goes on where the target continues": {
      mode: "continues",
      second: (text, size) => (request) =>
        stream("second", [...texts(text.slice(request.continueFinal ? lastText(request).length : 0), size), finish]),
    },
    "goes on where the target repeats the beginning": {
      mode: "echoes",
      second: (text, size) => () => stream("second", [...texts(text, size), finish]),
    },
    "is joined on to the same answer from another target": {
      second: (text, size) => () => stream("second", [...texts(text, size), finish]),
    },
  };

  for (const [name, { mode, second }] of Object.entries(continuations)) {
    test(`${name}, cut anywhere`, async () => {
      for (const size of [1, 2, 3, 7])
        for (const otherSize of [1, 4, 100])
          for (let diesAfter = 1; diesAfter <= texts(whole, size).length; diesAfter++) {
            const { text, failure, seen } = await open({
              answer: [...texts(whole, size), finish],
              diesAfter,
              second: second(whole, otherSize),
              ...(mode === undefined ? {} : { mode }),
            });
            expect([text, failure]).toEqual([whole, undefined]);
            expect(seen.filter(({ type }) => type === "finish")).toHaveLength(1);
          }
    });

    test(`${name}, whatever the text`, async () => {
      await assert(
        asyncProperty(
          string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
          array(integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 2 }),
          integer({ min: 1, max: 60 }),
          async (text, sizes, diesAfter) => {
            const result = await open({
              answer: [...texts(text, sizes[0] ?? 1), finish],
              diesAfter: Math.min(diesAfter, texts(text, sizes[0] ?? 1).length),
              second: second(text, sizes[1] ?? 1),
              ...(mode === undefined ? {} : { mode }),
            });
            expect([result.text, result.failure]).toEqual([text, undefined]);
          },
        ),
        { numRuns: 200 },
      );
    });
  }

  test("keeps id and creation time, names the new model, and adds the usage up", async () => {
    const { seen, call } = await open({
      answer: [...texts("Hello there", 6), finish, usage(4)],
      diesAfter: 1,
      second: () => stream("second", [...texts("Hello there", 100), finish, usage(3)]),
    });
    expect(seen.filter(({ type }) => type === "start")).toEqual([
      { type: "start", id: "first", created: 5, model: "first" },
      { type: "start", id: "first", created: 5, model: "second" },
    ]);
    expect(seen.at(-1)).toEqual({ type: "usage", usage: { inputTokens: 10 + 5, outputTokens: 2 + 3 } });
    const attempts = call.scope.attempts.map((attempt) => attempt.record());
    expect(attempts.map(({ outcome, delivered }) => [outcome, delivered])).toEqual([
      ["error", true],
      ["error", false],
      ["ok", true],
    ]);
  });

  test("ends with the first failure where the other answer differs, and never looks finished", async () => {
    const { seen, failure, text } = await open({
      answer: [...texts("The answer is 4.", 4), finish],
      diesAfter: 2,
      second: () => stream("second", [...texts("It is four.", 4), finish]),
    });
    expect(failure).toMatchObject({ code: "upstream_invalid_response", message: "cut short" });
    expect(text).toBe("The answ");
    expect(seen.some(({ type }) => type === "finish")).toBe(false);
  });

  test("announces another answer where the route would rather have one", async () => {
    const { seen, failure } = await open({
      answer: [...texts("The answer is 4.", 4), finish],
      diesAfter: 2,
      policy: "restart",
      second: () => stream("second", [...texts("There are 4.", 4), finish]),
    });
    expect(failure).toBeUndefined();
    const at = seen.findIndex(({ type }) => type === "restart");
    const after = seen.slice(at).map((chunk) => (chunk.type === "text" ? chunk.text : ""));
    expect(after.join("")).toBe("There are 4.");
  });

  test("loses nothing of another answer, however it comes in batches", async () => {
    const other = "The answer will be 4, I think.";
    for (let size = 1; size <= other.length; size++)
      for (let perBatch = 1; perBatch <= 4; perBatch++) {
        const { seen } = await open({
          answer: [...texts("The answer is 4.", 4), finish],
          diesAfter: 3,
          policy: "restart",
          second: () => batched(stream("second", [...texts(other, size), finish]), perBatch),
        });
        const at = seen.findIndex(({ type }) => type === "restart");
        expect(
          seen
            .slice(at)
            .flatMap((chunk) => (chunk.type === "text" ? [chunk.text] : []))
            .join(""),
        ).toBe(other);
        expect(seen.filter(({ type }) => type === "finish")).toHaveLength(1);
        expect(new Set(seen.flatMap((chunk) => (chunk.type === "start" ? [chunk.id] : [])))).toEqual(
          new Set(["first"]),
        );
      }
  });

  test("loses nothing of another answer whose end comes with what differs", async () => {
    const other = "The answer will be 4, I think.";
    for (let size = 1; size <= 12; size++)
      for (const perRead of [1, 3, 100]) {
        const { text, seen, failure } = await open({
          answer: [...texts("The answer is 4.", 4), finish],
          diesAfter: 3,
          policy: "restart",
          second: () => pushedAtOnce(stream("second", [...texts(other, size), finish]), perRead),
        });
        const at = seen.findIndex(({ type }) => type === "restart");
        const after = seen.slice(at).flatMap((chunk) => (chunk.type === "text" ? [chunk.text] : []));
        expect({ size, perRead, at: at > 0, after: after.join(""), failure }).toEqual({
          size,
          perRead,
          at: true,
          after: other,
          failure: undefined,
        });
        expect(text).toStartWith("The answer i");
        expect(seen.filter(({ type }) => type === "finish")).toHaveLength(1);
      }
  });

  test("and where the route wants no other answer, such a one never looks finished", async () => {
    for (let size = 1; size <= 12; size++) {
      const { seen, failure } = await open({
        answer: [...texts("The answer is 4.", 4), finish],
        diesAfter: 3,
        second: () => pushedAtOnce(stream("second", [...texts("The answer will be 4.", size), finish]), 100),
      });
      expect(failure).toMatchObject({ message: "cut short" });
      expect(seen.some(({ type }) => type === "finish")).toBe(false);
    }
  });

  const unrescued: readonly (readonly [string, Partial<Scenario>])[] = [
    ["several choices", { request: { n: 2 } }],
    ["a route that wants none", { policy: "off" }],
    [
      "a part that only one dialect knows",
      { answer: [{ type: "opaque", choice: 0, extra: { dialect: "openai", fields: {} } }] },
    ],
  ];
  for (const [name, parts] of unrescued)
    test(`is not rescued: ${name}`, async () => {
      let asked = 0;
      const { failure } = await open({
        answer: [...texts("Hello", 2), finish],
        diesAfter: 1,
        second: () => {
          asked += 1;
          return stream("second", [...texts("Hello", 2), finish]);
        },
        ...parts,
      });
      expect(failure).toMatchObject({ message: "cut short" });
      expect(asked).toBe(0);
    });

  test("counts as whole where only the wire format's end is missing", async () => {
    const { failure, text } = await open({
      answer: [...texts("Hello", 9), finish],
      diesAfter: 2,
      second: () => {
        throw new Error("must not be asked");
      },
    });
    expect([failure, text]).toEqual([undefined, "Hello"]);
  });

  test("is started again where the target refuses the beginning that it is given", async () => {
    const asked: boolean[] = [];
    const { text, failure } = await open({
      answer: [...texts("Hello there", 6), finish],
      diesAfter: 1,
      mode: "continues",
      second: (request) => {
        asked.push(request.continueFinal === true);
        if (request.continueFinal) throw new GatewayError("upstream_rejected_request", "no prefill");
        return stream("second", [...texts("Hello there", 100), finish]);
      },
    });
    expect([text, failure, asked]).toEqual(["Hello there", undefined, [true, false]]);
  });

  test("a continuation that turns out to be reasoning is none", async () => {
    const { failure, seen } = await open({
      answer: [...texts("Hello there", 6), finish],
      diesAfter: 1,
      mode: "continues",
      second: () => stream("second", [{ type: "reasoning", choice: 0, text: "there" }, finish]),
    });
    expect(failure).toMatchObject({ message: "cut short" });
    expect(seen.some(({ type }) => type === "finish")).toBe(false);
  });

  test("the client's limit holds for the whole answer", async () => {
    const limits: (number | undefined)[] = [];
    await open({
      answer: [...texts("one two three four five", 8), finish],
      diesAfter: 2,
      mode: "continues",
      request: { maxOutputTokens: 100 },
      second: (request) => {
        limits.push(request.maxOutputTokens);
        return stream("second", [...texts(" three four five", 100), finish]);
      },
    });
    expect(limits[0]).toBeLessThan(100);
    expect(limits[0]).toBeGreaterThan(90);
  });

  test("does not reason twice", async () => {
    const reasoning: Chunk = { type: "reasoning", choice: 0, text: "hm" };
    const { seen, failure } = await open({
      answer: [reasoning, ...texts("Hello", 9), finish],
      diesAfter: 1,
      second: () => stream("second", [reasoning, reasoning, ...texts("Hello", 9), finish]),
    });
    expect(failure).toBeUndefined();
    expect(seen.filter(({ type }) => type === "reasoning")).toHaveLength(1);
  });

  const call = (parts: Partial<Chunk & { type: "toolCall" }>): Chunk => ({
    type: "toolCall",
    choice: 0,
    toolIndex: 0,
    arguments: "",
    ...parts,
  });
  test("joins a tool call on under the id that was delivered, and never changes it", async () => {
    const calls = (id: string, text: string): Chunk[] => [
      call({ id, name: "f" }),
      ...(text.match(/.{1,3}/g) ?? []).map((piece) => call({ arguments: piece })),
      { type: "finish", choice: 0, reason: "toolCalls" },
    ];
    for (let diesAfter = 1; diesAfter <= 4; diesAfter++) {
      const { seen, failure } = await open({
        answer: calls("one", '{"a":1}'),
        diesAfter,
        second: () => stream("second", calls("two", '{"a":1}')),
      });
      const pieces = seen.flatMap((chunk) => (chunk.type === "toolCall" ? [chunk] : []));
      expect(failure).toBeUndefined();
      expect(pieces.map(({ arguments: text }) => text).join("")).toBe('{"a":1}');
      expect(pieces.flatMap(({ id }) => id ?? [])).toEqual(["one"]);
    }
    const differing = await open({
      answer: calls("one", '{"a":1}'),
      diesAfter: 2,
      second: () => stream("second", calls("two", '{"b":1}')),
    });
    expect(differing.failure).toMatchObject({ message: "cut short" });
  });

  test("the dead target itself is asked first where it may live again", async () => {
    const asked: string[] = [];
    await assert(
      asyncProperty(constantFrom("upstream_timeout" as const, "upstream_error" as const), async (code) => {
        asked.length = 0;
        const made = makeCall({ targets, request: { stream: true } });
        const reply = await carryOut(
          made.call.route.candidates.map((candidate) => ({ candidate, score: 0, reason: "" })),
          made.call as unknown as Call,
          {
            invoke: async (_call, { id }) => {
              asked.push(id);
              if (asked.length > 1) return stream(id, [...texts("Hello", 2), finish]);
              const dying = stream(id, texts("Hello", 2), 1);
              return dying.kind === "stream" ? { ...dying, batches: failingWith(dying.batches, code) } : dying;
            },
            loads: new TargetLoads(),
            health: new Breakers(clock),
            retries: new RetryBudget(clock),
            hedges: new HedgeBudget(),
            prefillOf: () => undefined,
            clock,
            random: () => 0,
          },
        );
        if (reply.kind === "stream") for await (const _batch of reply.batches);
        expect(asked).toEqual(["first/a", code === "upstream_timeout" ? "second/b" : "first/a"]);
      }),
      { numRuns: 4 },
    );
  });
});

const failingWith = <Piece>(batches: AsyncIterable<readonly Piece[]>, code: "upstream_timeout" | "upstream_error") => ({
  [Symbol.asyncIterator]() {
    const source = batches[Symbol.asyncIterator]();
    return {
      next: () =>
        source.next().catch(() => {
          throw new GatewayError(code, "died");
        }),
    };
  },
});
