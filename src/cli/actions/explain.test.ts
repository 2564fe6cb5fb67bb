import { describe, expect, test } from "bun:test";
import { runFaked } from "../testing.ts";

const attempt = {
  number: 1,
  target: "a/x",
  outcome: "error",
  errorCode: "upstream_overloaded",
  errorMessage: "Overloaded.",
  upstreamStatus: 529,
  startedAfterMilliseconds: 2,
  endedAfterMilliseconds: 102,
  costUsd: 0,
  costSource: "none",
  delivered: false,
};
const call = {
  id: "req_1",
  operation: "chat",
  keyId: "k1",
  route: "fast",
  requestedModel: "fast",
  streamed: true,
  startedAt: "2026-11-21T12:00:00.000Z",
  outcome: "ok",
  status: 200,
  durationMilliseconds: 1_500,
  timeToFirstContentMilliseconds: 300,
  target: "b/y",
  usage: { inputTokens: 1_000, outputTokens: 50, cachedInputTokens: 800 },
  usageSource: "reported",
  costUsd: 0.0021,
  chargeUsd: 0.002,
  decision: {
    strategy: "priority",
    reason: "first of two",
    wished: "without c/*",
    candidates: [
      { target: "a/x", score: 2, reason: "first in the route" },
      { target: "b/y", score: 1, reason: "second in the route" },
      { target: "c/z", reason: "context too small", excluded: true },
    ],
  },
  attempts: [
    attempt,
    {
      ...attempt,
      number: 2,
      target: "b/y",
      outcome: "ok",
      errorCode: null,
      errorMessage: null,
      upstreamStatus: 200,
      startedAfterMilliseconds: 110,
      firstContentAfterMilliseconds: 300,
      endedAfterMilliseconds: 1_490,
      usage: { inputTokens: 1_000, outputTokens: 50 },
      costUsd: 0.0021,
      costSource: "reported",
      delivered: true,
    },
  ],
};
const story = async (told: object, explained?: object): Promise<string> =>
  (
    await runFaked(["explain", "req_1"], {
      answers: {
        "GET /admin/v1/calls/req_1": told,
        ...(explained === undefined ? {} : { "GET /admin/v1/decisions/req_1": explained }),
      },
    })
  ).stdout;

describe("the story of a call", () => {
  const parts: readonly string[] = [
    "Call req_1  ok, HTTP 200",
    "answered b/y",
    "took     1.5 s; first content after 300 ms",
    "Decision by priority: first of two",
    "The client wished: without c/*",
    "1  a/x            2  first in the route",
    "–  c/z               excluded: context too small",
    "1. a/x  error",
    "upstream_overloaded: Overloaded.",
    "began after 2 ms, took 100 ms, upstream HTTP 529",
    "began after 110 ms, took 1.4 s, first content after 190 ms, upstream HTTP 200",
    "1,000 in, 50 out, cost $0.0021 (from the tokens that the provider reported); the client got its content",
    "Tokens 1,000 in, 50 out (reported): 800 of the input from the provider's cache",
    "Cost   $0.0021 over all attempts, $0.0020 charged",
  ];
  for (const part of parts) test(part, async () => expect(await story(call)).toContain(part));

  test("a call that never reached a provider", async () => {
    const told = await story({ ...call, decision: null, attempts: [], target: null, usage: null });
    expect(told).toContain("the call ended before routing");
    expect(told).toContain("No attempt was made.");
  });

  test("what a policy that learns weighed, and what was said of the answer", async () => {
    const expected = { action: "b/y", quality: 0.82, lower: 0.7, upper: 0.9, costUsd: 0.002, utility: 0.69 };
    const choice = { action: "b/y", expected: [expected, { action: "a/x", quality: null }] };
    const told = await story(call, { story: ["Took b/y.", "Feedback: \u001b[2J1."], choice });
    expect(told).toContain("Story\n  Took b/y.");
    expect(told).toMatch(/\*\s+b\/y\s+82 %\s+70 %\s+90 %\s+\$0\.0020\s+–\s+0\.69/);
    expect(told).not.toContain("\u001b");
    const plain = await story(call, { story: ["A strategy.", "Nobody has said yet."], choice: null });
    expect(plain).toContain("Nobody has said yet.");
    expect(plain).not.toContain("A strategy.");
  });

  test("text from providers cannot steer the terminal", async () =>
    expect(await story({ ...call, errorMessage: "x\u001b[2J\ny" })).not.toContain("\u001b"));
});
