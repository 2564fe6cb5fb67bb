import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../core/errors.ts";
import type { SpendingGuard } from "../../core/ports/budgets.ts";
import { type Answered, type CascadeParts, playCascade } from "./testing.ts";

const cost = 10_000_000;
const two = [["a/one", "b/two"], ["c/three"]];

/** Pays for those targets alone. */
const paying = (...payable: readonly string[]): SpendingGuard => ({
  hold: (_call, { id }) =>
    payable.includes(id)
      ? Promise.resolve({ kind: "held", release: () => undefined })
      : { kind: "refused", reason: "too dear", error: new GatewayError("insufficient_quota", `no money for ${id}`) },
});

describe("agreement", () => {
  test("gives the first of two that agree, whichever order they stand in; all are charged", async () => {
    const result = await playCascade({
      steps: two,
      answers: { "a/one": { text: "The answer is 42.", after: 15 }, "b/two": { text: "42" } },
    });
    expect(result.outcome).toEqual({ kind: "whole", text: "42" });
    expect(result.asked.map(({ id }) => id)).toEqual(["a/one", "b/two"]);
    expect(result.record).toMatchObject({ target: "b/two", costPicoUsd: 2 * cost, chargePicoUsd: 2 * cost });
    expect(result.counted).toEqual(["a/one", "b/two"]);
    expect(result.notes).toEqual(["2 of 2 answers agree: that of b/two is given"]);
  });

  test("escalates where they differ: the last target's answer is given", async () => {
    const result = await playCascade({
      steps: two,
      answers: { "a/one": { text: "41" }, "b/two": { text: "42" }, "c/three": { text: "43" } },
    });
    expect(result.outcome.text).toBe("43");
    expect(result.record).toMatchObject({ target: "c/three", chargePicoUsd: 3 * cost });
    expect(result.notes).toEqual(["1 of 2 answers agree: c/three asked"]);
  });

  test("compares the answers of steps before, and gives the first of them", async () => {
    const steps = [["a/one"], ["b/two"], ["c/three"], ["d/four"]];
    const answers = { "a/one": { text: "1" }, "b/two": { text: "2" }, "c/three": { text: "1" } };
    const result = await playCascade({ steps, answers });
    expect([result.outcome.text, result.record.target]).toEqual(["1", "a/one"]);
    expect(result.asked).toHaveLength(3);
  });

  test("leaves those who still run once it is settled; they are a cost, and no charge", async () => {
    const result = await playCascade({
      steps: [["a/one", "b/two", "c/three"], ["d/four"]],
      answers: { "a/one": { text: "7" }, "b/two": { text: "7" }, "c/three": { text: "7", after: Infinity } },
    });
    expect(result.aborted).toEqual(["c/three"]);
    expect(result.counted).toEqual(["a/one", "b/two"]);
    expect(result.record.attempts[2]).toMatchObject({ outcome: "aborted", costSource: "estimated" });
    expect(result.record.costPicoUsd).toBeGreaterThan(result.record.chargePicoUsd);
    expect(result.inFlight).toEqual([0, 0, 0, 0]);
  });

  test("a target that fails has no vote; where none can agree any more, nobody is waited for", async () => {
    const result = await playCascade({
      steps: two,
      answers: {
        "a/one": { fails: "upstream_error" },
        "b/two": { text: "1", after: Infinity },
        "c/three": { text: "2" },
      },
    });
    expect(result.outcome.text).toBe("2");
    expect(result.aborted).toEqual(["b/two"]);
    expect(result.counted).toEqual(["c/three"]);
  });

  test("two that refuse alike do not agree, nor does prose", async () => {
    for (const text of [
      "I cannot say.",
      "It was a long day, and nobody knew what would come of it, least of all we.",
    ]) {
      const result = await playCascade({
        steps: two,
        answers: { "a/one": { text }, "b/two": { text }, "c/three": { text: "3" } },
      });
      expect(result.outcome.text).toBe("3");
    }
  });

  const cut: Answered = { text: "42", choice: { finishReason: "length" } };
  const refused: Answered = { text: "42", choice: { finishReason: "refusal" } };
  for (const [name, answered] of Object.entries({ cut, refused }))
    test(`an answer that is ${name} is no vote, and is charged: it was looked at`, async () => {
      const result = await playCascade({
        steps: two,
        answers: { "a/one": answered, "b/two": { text: "42" }, "c/three": { text: "43" } },
      });
      expect(result.outcome.text).toBe("43");
      expect(result.record.target).toBe("c/three");
      expect(result.counted).toContain("a/one");
    });

  test("goes on with the route's other targets where its own fail, and with who was left in vain", async () => {
    const result = await playCascade({ steps: two, answers: { "d/four": { text: "4" } } });
    expect(result.outcome.text).toBe("4");
    expect(result.asked.map(({ id }) => id)).toEqual(["a/one", "b/two", "c/three", "b/two", "d/four"]);
    expect(result.counted).toEqual(["d/four"]);
  });

  test("gives an answer that is there rather than an error, and a sound one rather than another", async () => {
    const result = await playCascade({ steps: two, answers: { "a/one": { text: "1" }, "b/two": cut } });
    expect(result.outcome.text).toBe("1");
    expect(result.record).toMatchObject({ target: "a/one", chargePicoUsd: 2 * cost });
    expect(result.notes.at(-1)).toBe("nobody else answered: that of a/one is given");
  });

  test("gives the last target's answer where a last step of several settles nothing", async () => {
    const answers = { "a/one": { text: "1" }, "b/two": { text: "2" }, "c/three": { text: "3" } };
    const result = await playCascade({ steps: [["a/one", "b/two", "c/three"]], answers });
    expect(result.outcome.text).toBe("3");
    expect(result.asked).toHaveLength(3);
  });

  test("of answers that cannot be compared gives the last that is sound", async () => {
    const prose = "It was a long day, and nobody knew what would come of it, least of all we.";
    const answers = { "a/one": { text: "1" }, "b/two": { text: prose }, "c/three": { text: "I cannot say." } };
    expect((await playCascade({ steps: [["a/one", "b/two", "c/three"]], answers })).outcome.text).toBe(prose);
  });

  test("throws what went wrong where everybody fails", async () => {
    const result = await playCascade({ steps: two, answers: { "a/one": { fails: "upstream_rejected_request" } } });
    expect(result.outcome).toEqual({ kind: "error", text: "upstream_rejected_request" });
    expect(result.record).toMatchObject({ chargePicoUsd: 0 });
  });
});

describe("checked", () => {
  const plan = { kind: "checked" } as const;
  const steps = [["a/one"], ["b/two"], ["c/three"]];
  const schema = {
    kind: "schema",
    name: "s",
    schema: { type: "object", required: ["n"] },
  } as const;
  const tools = [{ type: "function", name: "f" }] as const;
  const logprobs = { content: [{ token: "x", logprob: -2 }], refusal: null };
  const call = (name: string, text: string): Answered => ({
    choice: { content: [{ type: "toolCall", id: "1", name, arguments: text }], finishReason: "toolCalls" },
  });
  const cases: readonly (readonly [string, Answered, Partial<CascadeParts>, string])[] = [
    ["cut off", { text: "x", choice: { finishReason: "length" } }, {}, "it was cut off"],
    ["a refusal", { text: "x", choice: { finishReason: "refusal" } }, {}, "it refuses"],
    ["held back", { text: "x", choice: { finishReason: "contentFilter" } }, {}, "a filter held it back"],
    ["a refusal in words", { text: "I'm sorry, but I cannot help with that." }, {}, "it refuses"],
    ["empty", { text: " " }, {}, "it is empty"],
    ["broken off", { text: "```js\nlet x = 1;" }, {}, "it was cut off"],
    ["no JSON object", { text: "[1]" }, { request: { responseFormat: { kind: "json" } } }, "it is not a JSON object"],
    ["no JSON", { text: "n" }, { request: { responseFormat: { kind: "json" } } }, "it is not JSON"],
    ["against the schema", { text: "{}" }, { request: { responseFormat: schema } }, "it does not fit the schema"],
    ["broken arguments", call("f", '{"a":'), { request: { tools } }, "the arguments of a tool are not a JSON object"],
    ["a tool of its own", call("g", "{}"), { request: { tools } }, "it calls a tool that was not offered"],
    [
      "unsure",
      { text: "x", choice: { logprobs } },
      { plan: { ...plan, minimumMeanLogprob: -1 } },
      "its model was not sure of it",
    ],
  ];
  for (const [name, answered, parts, flaw] of cases)
    test(`goes on after an answer that is ${name}`, async () => {
      const good = parts.request?.tools === undefined ? { text: '{"n":1}' } : call("f", "{}");
      const result = await playCascade({ steps, plan, answers: { "a/one": answered, "b/two": good }, ...parts });
      expect(result.record).toMatchObject({ target: "b/two", chargePicoUsd: 2 * cost });
      expect(result.asked).toHaveLength(2);
      expect(result.notes).toEqual([
        `the answer of a/one will not do: ${flaw}`,
        "answer 2 passes its checks: that of b/two is given",
      ]);
    });

  test("gives the last target's answer unchecked", async () => {
    const answered = { text: "x", choice: { finishReason: "length" } } as const;
    const result = await playCascade({
      steps,
      plan,
      answers: { "a/one": answered, "b/two": answered, "c/three": answered },
    });
    expect(result.record).toMatchObject({ target: "c/three", chargePicoUsd: 3 * cost });
  });

  test("of several asked together gives the first that passes", async () => {
    const answers = { "a/one": { text: "late", after: 30 }, "b/two": { text: "early" } };
    const result = await playCascade({ steps: two, plan, answers });
    expect(result.outcome.text).toBe("early");
    expect(result.aborted).toEqual(["a/one"]);
  });
});

describe("a streamed cascade", () => {
  const request = { stream: true };

  test("asks for whole answers, and streams the one that is given", async () => {
    const result = await playCascade({
      steps: two,
      request,
      answers: { "a/one": { text: "5" }, "b/two": { text: "5" } },
    });
    expect(result.outcome).toEqual({ kind: "stream", text: "5" });
    expect(result.asked.map(({ stream }) => stream)).toEqual([false, false]);
    expect(result.record).toMatchObject({ target: "a/one", chargePicoUsd: 2 * cost });
  });

  test("streams the last target as it comes", async () => {
    const answers = { "a/one": { text: "5" }, "b/two": { text: "6" }, "c/three": { text: "7" } };
    const result = await playCascade({ steps: two, request, answers });
    expect(result.outcome).toEqual({ kind: "stream", text: "7" });
    expect(result.asked.at(-1)).toEqual({ id: "c/three", stream: true });
    expect(result.record).toMatchObject({ target: "c/three", chargePicoUsd: 3 * cost });
  });
});

describe("what a cascade is not for", () => {
  const cases: readonly (readonly [string, Partial<CascadeParts>])[] = [
    ["several choices are asked for", { request: { n: 2 } }],
    ["calls of tools cannot be compared", { request: { tools: [{ type: "function", name: "f" }] } }],
    ["it has one target only", { steps: [["a/one"]] }],
  ];
  for (const [reason, parts] of cases)
    test(reason, async () => {
      const result = await playCascade({ steps: two, answers: { "a/one": { text: "1" } }, ...parts });
      expect(result.asked.map(({ id }) => id)).toEqual(["a/one"]);
      expect(result.notes).toEqual([`no cascade: ${reason}`]);
    });
});

describe("a cascade's bounds", () => {
  test("a client who leaves ends every attempt, and is charged for none", async () => {
    const answers = { "a/one": { text: "1" }, "b/two": { text: "1", after: Infinity } };
    const result = await playCascade({ steps: two, answers, leavesAfter: 10 });
    expect(result.outcome.text).toBe("client_closed_request");
    expect(result.aborted).toEqual(["b/two"]);
    expect(result.inFlight).toEqual([0, 0, 0, 0]);
    expect(result.record).toMatchObject({ chargePicoUsd: 0, target: null });
    expect(result.counted).toEqual([]);
    expect(result.asked).toHaveLength(2);
  });

  test("a step leaves time to those after it", async () => {
    const result = await playCascade({
      steps: two,
      route: { timeouts: { ...deadlines, totalMilliseconds: 300 } },
      answers: { "a/one": { after: Infinity }, "b/two": { after: Infinity }, "c/three": { text: "3" } },
    });
    expect(result.outcome.text).toBe("3");
    expect(result.record.attempts[0]).toMatchObject({ errorCode: "upstream_timeout" });
  });

  test("a last step that cannot be paid: an answer that is there is given", async () => {
    const answers = { "a/one": { text: "1" }, "b/two": { text: "2" } };
    const result = await playCascade({ steps: two, answers, spending: paying("a/one", "b/two") });
    expect(result.outcome.text).toBe("2");
    expect(result.dispatched).toBe(2);
  });

  test("first steps that cannot be paid: the last is asked", async () => {
    const result = await playCascade({
      steps: two,
      answers: { "c/three": { text: "3" } },
      spending: paying("c/three"),
    });
    expect(result.outcome.text).toBe("3");
    expect(result.dispatched).toBe(1);
  });

  test("nothing that can be paid: the client is told so", async () => {
    const result = await playCascade({ steps: two, answers: {}, spending: paying() });
    expect(result.outcome.text).toBe("insufficient_quota");
    expect([result.dispatched, result.asked]).toEqual([0, []]);
  });
});

describe("a policy is told", () => {
  const says = (text: string): Answered => ({ text });
  const fails: Answered = { fails: "upstream_error" };
  const cases: readonly (readonly [string, Partial<CascadeParts>, number | undefined])[] = [
    ["that the first step settled it", { answers: { "a/one": says("4"), "b/two": says("4") } }, 1],
    ["that the last was needed", { answers: { "a/one": says("4"), "b/two": says("5"), "c/three": says("6") } }, 2],
    [
      "that the last was needed, of a stream",
      { answers: { "a/one": says("4"), "b/two": says("5"), "c/three": says("6") }, request: { stream: true } },
      2,
    ],
    ["nothing where one failed", { answers: { "a/one": fails, "b/two": says("5"), "c/three": says("6") } }, undefined],
    [
      "nothing where the last failed",
      { answers: { "a/one": says("4"), "b/two": says("5"), "c/three": fails } },
      undefined,
    ],
    [
      "nothing where another had to answer",
      { answers: { "a/one": says("4"), "b/two": says("5"), "c/three": fails, "d/four": says("7") } },
      undefined,
    ],
    [
      "nothing where one cannot be paid",
      {
        answers: { "a/one": says("4"), "b/two": says("4"), "c/three": says("6") },
        spending: paying("a/one", "c/three"),
      },
      undefined,
    ],
    ["nothing where it is of no use", { answers: { "a/one": says("4") }, request: { n: 2 } }, undefined],
    [
      "that an answer passed",
      { steps: [["a/one"], ["c/three"]], answers: { "a/one": says("4") }, plan: { kind: "checked" } },
      1,
    ],
    [
      "that an answer did not pass",
      {
        steps: [["a/one"], ["c/three"]],
        answers: { "a/one": says(""), "c/three": says("6") },
        plan: { kind: "checked" },
      },
      2,
    ],
  ];
  test.each(cases)("%s", async (_, parts, step) => {
    const { settledAtStep } = await playCascade({ steps: two, answers: {}, ...parts });
    expect(settledAtStep).toBe(step as number);
  });
});

const deadlines = {
  connectMilliseconds: 1_000,
  headersMilliseconds: 1_000,
  firstTokenMilliseconds: 1_000,
  idleMilliseconds: 1_000,
};
