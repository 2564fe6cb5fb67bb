import { describe, expect, test } from "bun:test";
import { runFaked } from "../testing.ts";

const decision = {
  id: "call_1",
  route: "smart",
  startedAt: "2026-11-21T12:00:00.000Z",
  policy: "learned",
  action: "a/x",
  confidence: 0.8234,
  propensity: null,
  explored: true,
  target: "a/x",
  outcome: "aborted",
  costUsd: 0.002,
  reward: 0,
};
const statistics = {
  calls: 12_000,
  complete: false,
  explorationShare: 0.02,
  costUsd: 1.5,
  expectedCostUsd: 1.4,
  expectedQuality: 0.9,
  judged: 100,
  judgedExpectedQuality: 0.91,
  meanReward: 0.88,
  actions: [
    {
      ...{ action: "a/x", calls: 12_000, share: 1, explored: 240, meanCostUsd: 0.001, meanExpectedQuality: 0.9 },
      ...{ judged: 100, meanReward: 0.88 },
    },
  ],
  bestConstant: { action: "b/y", expectedQuality: 0.93, expectedCostUsd: 4, savedUsd: 2.6, savedShare: 0.65 },
};
const preview = {
  object: "route.decision",
  ...{ route: "smart", strategy: "learned", target: "a/x", model: "x", provider: "a", reason: "worth most" },
  ...{ confidence: 0.8, action: "a/x + b/y", notes: ["carried by route 'cheap'"] },
  candidates: [
    { target: "a/x", score: 1.25, reason: "best" },
    { target: "c/z", reason: "too small", excluded: true },
  ],
  expected: [
    {
      ...{ action: "a/x", quality: 0.8, lower: 0.7, upper: 0.9, cost_usd: 0.01, latency_milliseconds: 1_200 },
      utility: 0.5,
    },
  ],
};

describe("decisions", () => {
  test("are listed", async () => {
    const answers = { "GET /admin/v1/decisions": { data: [decision], next: null } };
    const { stdout, requests } = await runFaked(["decisions", "--route", "smart", "--since", "1h"], { answers });
    expect(stdout).toMatch(/call_1\s+smart\s+a\/x\s+82\.3 %\s+–\s+\$0\.0020\s+0 %\s+explored, aborted/);
    expect(requests.map(({ method }) => method)).toEqual(["GET"]);
  });

  test("are summed up", async () => {
    const answers = { "GET /admin/v1/decisions/statistics": statistics };
    const { stdout } = await runFaked(["decisions", "statistics"], { answers });
    expect(stdout).toContain("12,000 decisions, the newest: 90 % good expected, 100 were judged");
    expect(stdout).toContain("Always b/y: 93 % good, $4.00; expected saving against it $2.60 (65 %).");
    const empty = { ...statistics, actions: [], calls: 0, judged: 0, complete: true, bestConstant: null };
    const none = await runFaked(["decisions", "statistics"], {
      answers: { "GET /admin/v1/decisions/statistics": empty },
    });
    expect(none.stdout).toContain("nobody has judged any of them");
  });
});

describe("route", () => {
  const answers = { "POST /v1/route": preview };
  test("tells where a call would go", async () => {
    const { stdout, requests } = await runFaked(["route", "Hello", "--model", "smart", "--system", "Be kind."], {
      answers,
    });
    expect(requests[0]?.body).toEqual({ model: "smart", query: "Hello", context: "Be kind." });
    for (const part of [
      "a/x  route smart, strategy learned, 80 % sure",
      "by the cascade a/x + b/y",
      "carried by route 'cheap'",
      "excluded: too small",
      "1.2 s",
    ])
      expect(stdout).toContain(part);
  });

  test("takes the prompt from a pipe, and gives the answer as it came", async () => {
    const { stdout, requests } = await runFaked(["route", "-m", "smart", "--json"], { answers, piped: "piped in\n" });
    expect(requests[0]?.body).toEqual({ model: "smart", query: "piped in" });
    expect(JSON.parse(stdout)).toEqual(preview);
    expect((await runFaked(["route", "-m", "smart"], { answers })).exitCode).toBe(2);
  });
});

describe("learning forget", () => {
  const answers = { "DELETE /admin/v1/learning/users/a%2Fb": { tenant: "acme", user: "a/b", calls: 1_200 } };
  test("asks before, and tells what was forgotten", async () => {
    const done = await runFaked(["learning", "forget", "a/b", "--tenant", "acme"], {
      answers,
      confirms: true,
      isTerminal: true,
    });
    expect(done.stdout).toContain("Forgot user a/b of tenant acme: something was kept of 1,200 calls.");
    const kept = await runFaked(["learning", "forget", "a/b"], { answers, confirms: false, isTerminal: true });
    expect([kept.exitCode, kept.requests]).toEqual([1, []]);
    const unasked = await runFaked(["learning", "forget", "a/b", "--json"], { answers });
    expect(unasked.exitCode).toBe(2);
    expect((await runFaked(["learning", "forget", "a/b", "--yes"], { answers })).exitCode).toBe(0);
  });
});
