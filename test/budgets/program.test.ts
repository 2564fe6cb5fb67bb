import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Answer, administer, ask, chat, eventually, hello, send } from "../e2e/ask.ts";
import { openLedger, readLedger } from "../support/ledger-rows.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startTroubledUpstream, type TroubledUpstream } from "../workers/troubled-upstream.ts";

let gateway: RunningGateway;
let upstream: TroubledUpstream | undefined;
afterEach(async () => {
  await gateway.dispose();
  await upstream?.stop();
  upstream = undefined;
});

const models = {
  m: { price: { input: 1, output: 1 }, maxOutputTokens: 1_000 },
  dear: { price: { input: 100, output: 100 }, maxOutputTokens: 1_000 },
  free: { price: { input: 0, output: 0 }, maxOutputTokens: 1_000 },
  endless: { price: { input: 1, output: 1 } },
};

const start = async (budgets: readonly object[], configuration: object = {}, dataFolder?: string): Promise<void> => {
  upstream ??= startTroubledUpstream();
  gateway = await startGateway({
    ...(dataFolder === undefined ? {} : { dataFolder }),
    configuration: {
      discovery: { mock: true },
      providers: { lab: { kind: "openai-compatible", baseUrl: upstream.baseUrl, models } },
      budgets,
      ...configuration,
    },
  });
};
const call = (model = "lab/m", fields: object = {}, key?: string): Promise<Answer> =>
  ask(gateway, chat, {
    body: { ...hello(model), max_tokens: 100, ...fields },
    headers: { connection: "close" },
    ...(key === undefined ? {} : { key }),
  });
const standings = async () => (await administer(gateway, "/budgets")).body.data;
const statuses = (all: readonly Answer[]) =>
  Object.fromEntries([...Map.groupBy(all, ({ status }) => status)].map(([status, those]) => [status, those.length]));
const received = (): number => upstream?.received ?? 0;
/** A call of `hello` with 100 tokens at most: its bytes, what a provider adds, and its answer, in USD. */
const worstUsd = (model = "lab/m", dollars = 1): number =>
  ((Buffer.byteLength(JSON.stringify({ ...hello(model), max_tokens: 100 })) + 256 + 8 + 100) * dollars) / 1e6;

describe("a budget", () => {
  test("at the last cent exactly as many of 300 calls at once are let on as it can pay for", async () => {
    await start([{ scope: "everyone", usd: worstUsd() * 70 + worstUsd() / 2, per: "day" }]);
    if (upstream !== undefined) upstream.mode = "held";
    let refused = 0;
    const asking = Array.from({ length: 300 }, async () => {
      const answer = await call();
      if (answer.status === 429) refused += 1;
      return answer;
    });
    // All 70 are open when the last of the others is refused.
    await eventually("the others are refused", () => refused === 230);
    upstream?.letGo();
    const all = await Promise.all(asking);
    expect(statuses(all)).toEqual({ 200: 70, 429: 230 });
    expect(received()).toBe(70);
    const [budget] = await standings();
    expect(budget.spentUsd).toBeCloseTo(70 * 2e-6, 12);
    expect(budget.heldUsd).toBe(0);
    await gateway.stop();
    const { calls, attempts } = readLedger(gateway.dataFolder);
    expect([calls.length, attempts.length]).toEqual([70, 70]);
  }, 30_000);

  test("refuses with what is left, what the call may cost and when it begins anew, and no library tries again", async () => {
    await start([{ scope: "key", usd: 0.000_001, per: "day" }]);
    const { status, body, headers } = await call();
    expect(status).toBe(429);
    expect(body.error).toMatchObject({ type: "insufficient_quota", code: "insufficient_quota" });
    expect(body.error.message).toMatch(
      /^This gateway's budget of 0\.000001 USD per day for callers without a key has 0\.000001 USD left, and this call may cost up to 0\.000\d+ USD at lab\/m\. .* begins anew at \d{4}-\d\d-\d\dT00:00:00Z\.$/,
    );
    expect([headers.get("x-should-retry"), headers.get("retry-after")]).toEqual(["false", null]);
    expect(received()).toBe(0);
    const metrics = (await ask(gateway, "/metrics")).text;
    expect(metrics).toContain('intellirouter_budget_refusals_total{budget="0",scope="key",per="day"} 1');
    await gateway.stop();
    expect(readLedger(gateway.dataFolder).calls).toEqual([]);
  });

  test("leaves calls alone that it is not about, and those that cost nothing", async () => {
    await start([
      { scope: "model", match: "lab/m", usd: 0, per: "ever" },
      { scope: "tenant", usd: 0, per: "month" },
    ]);
    expect((await call("lab/free")).status).toBe(200);
    expect((await call("lab/m")).status).toBe(429);
    expect((await call("lab/unknown")).body.error).toMatchObject({ code: "invalid_value", param: "model" });
  });

  const bad: readonly (readonly [name: string, model: string, fields: object, status: number, code: string])[] = [
    ["an unpriced model", "lab/unknown", {}, 400, "invalid_value"],
    ["an answer that nothing limits", "lab/endless", { max_tokens: undefined }, 400, "missing_required_parameter"],
    ["negative max_tokens", "lab/m", { max_tokens: -5 }, 400, "invalid_value"],
    ["enormous max_tokens", "lab/m", { max_tokens: 9_007_199_254_740_991 }, 429, "insufficient_quota"],
    ["many answers", "lab/m", { n: 128, max_tokens: 1_000 }, 429, "insufficient_quota"],
    ["a search", "lab/m", { web_search_options: {} }, 400, "unsupported_parameter"],
    [
      "a file that nothing bounds",
      "lab/m",
      { messages: [{ role: "user", content: [{ type: "file", file: { file_id: "f" } }] }] },
      400,
      "unsupported_parameter",
    ],
  ];
  test("refuses what cannot be bounded or paid for", async () => {
    await start([{ scope: "everyone", usd: 0.1, per: "week" }]);
    for (const [name, model, fields, status, code] of bad) {
      const answer = await call(model, fields);
      expect([name, answer.status, answer.body.error.code]).toEqual([name, status, code]);
    }
    expect(received()).toBe(0);
    expect((await call("lab/m", { n: 2 })).status).toBe(200);
  });

  test("passes a target over that it cannot pay for, and says so in the decision", async () => {
    await start([{ scope: "everyone", usd: 0.01, per: "day" }], {
      routes: { both: { targets: ["lab/dear", "lab/m"], assembleWhole: "never" } },
    });
    const { headers, status } = await call("both");
    expect([status, headers.get("x-intellirouter-model")]).toEqual([200, "m"]);
    const { body } = await administer(gateway, `/calls/${headers.get("x-request-id")}`);
    expect(body.decision.notes[0]).toMatch(
      /^lab\/dear passed over: it may cost .* for everyone together has 0\.01 USD left$/,
    );
  });

  test("counts what a stream that its client left has cost, and holds it no longer", async () => {
    await start([{ scope: "everyone", usd: 1, per: "day" }], {
      providers: { lab: { kind: "mock", models: { "mock-llama": { price: { input: 10, output: 10 } } } } },
    });
    const leaving = new AbortController();
    const body = {
      ...hello("lab/mock-llama"),
      stream: true,
      max_tokens: 500,
      mock: { tokensPerSecond: 100, words: 300 },
    };
    const response = await send(gateway, chat, { body, signal: leaving.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    const [open] = await standings();
    expect(open.heldUsd).toBeGreaterThan(0.005);
    leaving.abort();
    await eventually("nothing is held", async () => (await standings())[0].heldUsd === 0);
    const [over] = await standings();
    expect(over.spentUsd).toBeGreaterThan(0);
    await gateway.stop();
    const database = openLedger(gateway.dataFolder);
    expect(database.query("SELECT sum(cost) AS cost FROM calls").get()).toEqual({
      cost: Math.round(over.spentUsd * 1e12),
    });
    database.close();
  });

  test("holds each try, and gives back what failed tries did not cost", async () => {
    await start([{ scope: "everyone", usd: worstUsd() * 2.5, per: "day" }]);
    if (upstream !== undefined) upstream.mode = "fails";
    // Two tries are held at once; the third cannot be.
    expect((await call()).body.error.code).toBe("upstream_overloaded");
    expect(received()).toBe(2);
    const [budget] = await standings();
    expect([budget.spentUsd, budget.heldUsd]).toEqual([0, 0]);
  });
});

describe("what is spent stands in the ledger", () => {
  test("and is there again after a start, as is what a killed process had dispatched, at its worst", async () => {
    const budgets = [
      { scope: "key", usd: 1, per: "day" },
      { scope: "model", usd: 1, per: "ever" },
    ];
    await start(budgets);
    for (let calls = 0; calls < 3; calls++) await call();
    if (upstream !== undefined) upstream.mode = "slow";
    const left = call().catch(() => undefined);
    await eventually("it is under way", () => received() === 4);
    await gateway.kill("SIGKILL");
    await left;
    await start(budgets, {}, gateway.dataFolder);
    const spent = (await standings()).map(({ spentUsd, heldUsd }: never) => [spentUsd, heldUsd]);
    const expected = expect.closeTo(3 * 2e-6 + worstUsd(), 12);
    expect(spent).toEqual([
      [expected, 0],
      [expected, 0],
    ]);
  }, 30_000);

  test("a budget that a reload brings knows what was spent before", async () => {
    await start([]);
    await call();
    const file = join(gateway.dataFolder, "intellirouter.yaml");
    const reload = async (budgets: readonly object[]): Promise<void> => {
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), budgets }));
      expect((await administer(gateway, "/reload", { method: "POST" })).status).toBe(200);
    };
    await reload([{ scope: "everyone", usd: 0.000_003, per: "month" }]);
    expect((await standings())[0].spentUsd).toBeCloseTo(2e-6, 12);
    expect((await call()).status).toBe(429);
    await reload([]);
    expect((await call()).status).toBe(200);
  });

  test("each threshold is told of once, with the call that passed it", async () => {
    await start([{ scope: "everyone", usd: 0.001, per: "day", alertAt: [0.003, 0.005] }]);
    for (let calls = 0; calls < 4; calls++) await call();
    const told = () =>
      gateway
        .logs()
        .split("\n")
        .filter((line) => line.includes("cost.threshold_exceeded"))
        .map((line) => JSON.parse(line));
    await eventually("both are told of", () => told().length >= 2);
    const lines = told();
    expect(lines.map(({ threshold }) => threshold)).toEqual([0.003, 0.005]);
    expect(lines[0]).toMatchObject({ budget: "budgets[0] (everyone)", per: "day", limitUsd: 0.001, level: "warn" });
    expect((await ask(gateway, "/metrics")).text).toContain(
      'intellirouter_budget_thresholds_total{budget="0",scope="everyone",per="day"} 2',
    );
  });
});

describe("another route", () => {
  const routes = { fine: { targets: ["lab/dear"] }, cheap: { targets: ["lab/m"] } };
  const budget = { scope: "route", match: "fine", usd: 0.5, per: "day" };

  test("carries calls from its share on", async () => {
    await start([{ ...budget, whenSpent: { degradeTo: "cheap", at: 0.000_5 } }], { routes });
    const used: (string | null)[] = [];
    for (let calls = 0; calls < 3; calls++) used.push((await call("fine")).headers.get("x-intellirouter-model"));
    expect(used).toEqual(["dear", "dear", "m"]);
    const last = await call("fine");
    const { body } = await administer(gateway, `/calls/${last.headers.get("x-request-id")}`);
    expect(body.route).toBe("fine");
    expect(body.decision.notes).toEqual(["carried by route 'cheap': 0.05 % of the budget of route 'fine' is used"]);
  });

  test("carries calls that none of its own targets can be paid for", async () => {
    await start([{ ...budget, usd: 0.01, whenSpent: { degradeTo: "cheap" } }], { routes });
    const { headers, status } = await call("fine");
    expect([status, headers.get("x-intellirouter-model")]).toEqual([200, "m"]);
    const { body } = await administer(gateway, `/calls/${headers.get("x-request-id")}`);
    expect(body.decision.notes.length).toBe(2);
  });

  test("that is not there stops the start", async () => {
    await start([]);
    const wrong = startGateway({
      configuration: {
        budgets: [{ ...budget, whenSpent: { degradeTo: "chaep" } }],
        routes: { fine: { targets: ["mock/mock-echo"] }, cheap: { targets: ["mock/mock-echo"] } },
      },
    });
    await expect(wrong).rejects.toThrow(/budgets\[0\]\.whenSpent\.degradeTo.*there is no route 'chaep'.*cheap/s);
  });
});

test("where the client sets no limit the provider is sent the budget's", async () => {
  const bodies: Record<string, unknown>[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      if (request.method !== "POST") return Response.json({ object: "list", data: [] });
      bodies.push((await request.json()) as Record<string, unknown>);
      return Response.json({
        ...{ id: "1", object: "chat.completion", created: 1, model: "m" },
        choices: [{ index: 0, message: { role: "assistant", content: "x" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      });
    },
  });
  const lab = { kind: "openai-compatible", baseUrl: `http://127.0.0.1:${server.port}/v1`, models };
  await start([{ scope: "everyone", usd: 0.01, per: "day", maxOutputTokens: 400 }], { providers: { lab } });
  for (const fields of [{ max_tokens: undefined }, { max_tokens: 50 }])
    expect((await call("lab/endless", fields)).status).toBe(200);
  expect(bodies.map(({ max_tokens: limit }) => limit)).toEqual([400, 50]);
  await server.stop(true);
});
