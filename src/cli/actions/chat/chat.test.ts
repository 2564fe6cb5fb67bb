import { describe, expect, test } from "bun:test";
import { type Fakes, runFaked, streamOf } from "../../testing.ts";

const piece = (content: string) => ({ model: "m1", choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const usage = { choices: [], usage: { prompt_tokens: 1_200, completion_tokens: 34 } };
const stop = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
const completions = "POST /v1/chat/completions";
const answering = (...events: readonly unknown[]): Fakes => ({ answers: { [completions]: streamOf(...events) } });
const whole = { model: "m1", choices: [{ message: { content: "Hi." }, finish_reason: "stop" }], usage: usage.usage };
const hello = ["chat", "hello", "-m", "fast"];

describe("one question", () => {
  const cases: readonly (readonly [name: string, argv: readonly string[], fakes: Fakes, outcome: object])[] = [
    [
      "streams as it is when piped",
      hello,
      answering(piece("**Hi"), piece("**\n"), stop, "[DONE]"),
      { exitCode: 0, stdout: "**Hi**\n", stderr: "" },
    ],
    [
      "is rendered on a terminal",
      hello,
      { ...answering(piece("**Hi"), piece("**"), "[DONE]"), isTerminal: true },
      { stdout: "\u001b[1mHi\u001b[22m\n" },
    ],
    [
      "is plain on a terminal without colours",
      [...hello, "--no-color"],
      { ...answering(piece("**Hi**"), "[DONE]"), isTerminal: true },
      { stdout: "**Hi**\n" },
    ],
    ["lets no escape through", hello, answering(piece("a\u001b]0;x\u0007b"), "[DONE]"), { stdout: "a]0;xb\n" }],
    [
      "whole with --no-stream",
      [...hello, "--no-stream"],
      { answers: { [completions]: whole } },
      { exitCode: 0, stdout: "Hi.\n" },
    ],
    ["fails where the stream is cut", hello, answering(piece("Hi")), { exitCode: 1, stdout: "Hi\n" }],
    [
      "fails on an error within the stream",
      hello,
      answering(piece("Hi"), { error: { code: "upstream_error", message: "It broke." } }),
      { exitCode: 1, stdout: "Hi\n", stderr: "error: It broke.\n" },
    ],
    [
      "says where the answer was cut short",
      hello,
      answering(piece("Hi"), { choices: [{ delta: {}, finish_reason: "length" }] }, "[DONE]"),
      { stderr: "The answer was cut at the longest length that the model may give.\n" },
    ],
    ["needs something to ask", ["chat", "-m", "x"], { piped: " \n" }, { exitCode: 2 }],
    ["needs something to ask with --json", ["chat", "-m", "x", "--json"], {}, { exitCode: 2 }],
  ];
  for (const [name, argv, fakes, outcome] of cases)
    test(name, async () => expect(await runFaked(argv, fakes)).toMatchObject(outcome));

  test("what is piped in follows the prompt, after the system prompt", async () => {
    const { requests } = await runFaked([...hello, "--system", "Be short."], {
      ...answering("[DONE]"),
      piped: "text\n",
    });
    expect(requests[0]?.body).toMatchObject({
      model: "fast",
      stream: true,
      messages: [
        { role: "system", content: "Be short." },
        { role: "user", content: "hello\n\ntext" },
      ],
    });
  });

  test("--verbose tells model, tokens and cost at the end", async () => {
    const call = {
      id: "req_1",
      route: "fast",
      requestedModel: "fast",
      startedAt: "",
      outcome: "ok",
      status: 200,
      durationMilliseconds: 1,
      attempts: [],
      chargeUsd: 0.0042,
    };
    const fakes: Fakes = {
      answers: { [completions]: streamOf(piece("Hi"), usage, "[DONE]"), "GET /admin/v1/calls/req_1": call },
    };
    const { stderr } = await runFaked([...hello, "--verbose"], fakes);
    expect(stderr).toBe("m1 (lab) · 1,200 tokens in, 34 out · $0.0042 · 0 ms · call req_1\n");
  });

  test("--json gives the answer as one document", async () => {
    const { stdout } = await runFaked([...hello, "--json"], { answers: { [completions]: whole } });
    expect(JSON.parse(stdout)).toMatchObject({
      text: "Hi.",
      model: "m1",
      usage: { inputTokens: 1_200, outputTokens: 34 },
    });
  });
});

describe("the model where none is named", () => {
  const offered = (...models: readonly (readonly [string, string])[]) => ({
    data: models.map(([id, owned_by]) => ({ id, owned_by })),
  });
  const cases: readonly (readonly [name: string, models: unknown, fakes: Fakes, model: string | undefined])[] = [
    ["the only route", offered(["a/x", "a"], ["smart", "intellirouter"]), {}, "smart"],
    ["the only model", offered(["a/x", "a"]), {}, "a/x"],
    ["the one that is chosen", offered(["a/x", "a"], ["a/y", "a"]), { isTerminal: true, chosen: "a/y" }, "a/y"],
    ["none where nobody can be asked", offered(["a/x", "a"], ["a/y", "a"]), {}, undefined],
  ];
  for (const [name, models, fakes, model] of cases)
    test(name, async () => {
      const answers = { "GET /v1/models": models, [completions]: streamOf("[DONE]") };
      const { exitCode, requests } = await runFaked(["chat", "hi"], { ...fakes, answers });
      expect(exitCode).toBe(model === undefined ? 2 : 0);
      expect((requests[1]?.body as { model?: string } | undefined)?.model).toBe(model as string);
    });
});

test("a conversation keeps what was said, until it is cleared, and ends at /exit", async () => {
  const lines = ["one", "two", "/clear", "/model other", "three", "/exit", "never"];
  const { requests, exitCode } = await runFaked(["chat", "-m", "fast"], {
    ...answering(piece("ok"), "[DONE]"),
    isTerminal: true,
    lines,
  });
  const asked = requests.map(({ body }) => body as { model: string; messages: { content: string }[] });
  expect(exitCode).toBe(0);
  expect(asked.map(({ model, messages }) => [model, ...messages.map(({ content }) => content)])).toEqual([
    ["fast", "one"],
    ["fast", "one", "ok", "two"],
    ["other", "three"],
  ]);
});

test("one failed answer does not end a conversation", async () => {
  const { stderr, exitCode, requests } = await runFaked(["chat", "-m", "x"], { isTerminal: true, lines: ["a", "b"] });
  expect([exitCode, requests.length, stderr.includes("There is no such thing.")]).toEqual([0, 2, true]);
});
