import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Answer, administer, ask, chat, eventually, hello, send } from "../e2e/ask.ts";
import { readLedger } from "../support/ledger-rows.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startTroubledUpstream, type TroubledUpstream } from "../workers/troubled-upstream.ts";
import { expectAllPlacesFree } from "./abort-storm.ts";

let gateway: RunningGateway;
let upstream: TroubledUpstream | undefined;
afterEach(async () => {
  await gateway.dispose();
  await upstream?.stop();
  upstream = undefined;
});

const start = async (limits: readonly object[], configuration: object = {}): Promise<void> => {
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      routes: { fast: { targets: ["mock/mock-echo"] } },
      limits,
      ...configuration,
    },
  });
};
const startWithUpstream = async (limits: readonly object[]): Promise<TroubledUpstream> => {
  upstream = startTroubledUpstream();
  const providers = { lab: { kind: "openai-compatible", baseUrl: upstream.baseUrl } };
  await start(limits, { providers, routes: {} });
  return upstream;
};
const call = (model = "mock/mock-echo", fields: object = {}, key?: string): Promise<Answer> =>
  ask(gateway, chat, { body: { ...hello(model), ...fields }, ...(key === undefined ? {} : { key }) });
const ofStatus = (all: readonly Answer[], status: number): readonly Answer[] =>
  all.filter((one) => one.status === status);
const countStatuses = (all: readonly Answer[]) =>
  Object.fromEntries(
    Map.groupBy(all, ({ status }) => status)
      .entries()
      .map(([status, those]) => [status, those.length]),
  );
const reload = async (limits: readonly object[]): Promise<void> => {
  const file = join(gateway.dataFolder, "intellirouter.yaml");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), limits }));
  expect((await administer(gateway, "/reload", { method: "POST" })).status).toBe(200);
};

describe("requests", () => {
  test("of 200 calls at once against a limit of 50, exactly 50 reach the provider", async () => {
    const { baseUrl: _, ...rest } = await startWithUpstream([{ scope: "everyone", requests: 50, per: "hour" }]);
    expect(rest.received).toBe(0);
    const all = await Promise.all(Array.from({ length: 200 }, () => call("lab/m")));
    expect(countStatuses(all)).toEqual({ 200: 50, 429: 150 });
    expect(upstream?.received).toBe(50);
    const { text } = await ask(gateway, "/metrics");
    expect(text).toContain('intellirouter_errors_total{code="rate_limit_exceeded"} 150');
    expect(text).toContain('intellirouter_limit_grants_total{scope="everyone",per="hour"} 50\n');
    expect(text).toContain('intellirouter_limit_refusals_total{scope="everyone",per="hour",amount="requests"} 150\n');
    await gateway.stop();
    // Whoever is turned away costs no row.
    expect(readLedger(gateway.dataFolder).calls.length).toBe(50);
  });

  test("a refusal says which limit it was and when to come again; then the call is let on", async () => {
    await start([{ scope: "everyone", requests: 1, per: "second" }]);
    const all = await Promise.all(Array.from({ length: 20 }, () => call()));
    const [first] = ofStatus(all, 429);
    if (first === undefined) throw new Error("none was refused");
    const { body, headers } = first;
    expect(body.error).toEqual({
      type: "rate_limit_error",
      code: "rate_limit_exceeded",
      param: null,
      message: "This gateway's limit of 1 request per second for everyone together is reached. Try again in 1 second.",
    });
    expect(headers.get("retry-after")).toBe("1");
    expect(headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(headers.get("x-intellirouter-attempts")).toBe("0");
    await Bun.sleep(1_000);
    expect((await call()).status).toBe(200);
  });

  test("each key, team and route has its own count, and a rule that names some leaves the others alone", async () => {
    await start([
      { scope: "key", requests: 2, per: "hour" },
      { scope: "team", match: "small", requests: 1, per: "hour" },
    ]);
    const make = async (fields: object): Promise<string> =>
      (await administer(gateway, "/keys", { body: { name: "one", ...fields } })).body.key;
    for (const id of ["small", "large"]) await administer(gateway, "/tenants/default/teams", { body: { id } });
    const [alone, small, other] = [await make({}), await make({ team: "small" }), await make({ team: "large" })];
    const statuses = async (key: string): Promise<readonly number[]> => {
      const all: number[] = [];
      for (let calls = 0; calls < 3; calls++) all.push((await call("fast", {}, key)).status);
      return all;
    };
    expect(await statuses(alone)).toEqual([200, 200, 429]);
    expect(await statuses(small)).toEqual([200, 429, 429]);
    expect(await statuses(other)).toEqual([200, 200, 429]);
  });

  test("of a route's models the one whose limit is reached is left out while there is another", async () => {
    await start([{ scope: "model", match: "mock-llama", requests: 2, per: "hour" }], {
      routes: { both: { targets: ["mock/mock-llama", "mock/mock-echo"] } },
    });
    const models: (string | null)[] = [];
    for (let calls = 0; calls < 4; calls++) models.push((await call("both")).headers.get("x-intellirouter-model"));
    expect(models).toEqual(["mock-llama", "mock-llama", "mock-echo", "mock-echo"]);
    expect((await call("mock/mock-llama")).body.error.message).toContain("for model 'mock-llama'");
    expect((await call("mock/mock-echo")).status).toBe(200);
  });
});

describe("priorities", () => {
  const shares = { normal: 0.8, low: 0.5 };
  const makeKey = async (fields: object): Promise<{ id: string; key: string; revision: number; priority: string }> =>
    (await administer(gateway, "/keys", { body: { name: "one", ...fields } })).body;
  const keyOf = async (priority: string): Promise<string> => (await makeKey({ priority })).key;
  const many = (key: string, calls: number) => Promise.all(Array.from({ length: calls }, () => call("lab/m", {}, key)));
  const letOn = async (key: string): Promise<number> => ofStatus(await many(key, 60), 200).length;

  test("lower ones leave the rest to higher ones, exactly, however many ask at once", async () => {
    await startWithUpstream([{ scope: "everyone", requests: 50, per: "hour", shares }]);
    const [low, normal, high] = [await keyOf("low"), (await makeKey({})).key, await keyOf("high")];
    expect(await letOn(low)).toBe(25);
    const { body, headers } = await call("lab/m", {}, low);
    expect(headers.get("x-ratelimit-limit-requests")).toBe("25");
    expect(headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(body.error.message).toContain(
      "limit of 25 requests per hour for everyone together, the share of calls of low",
    );
    expect(await letOn(normal)).toBe(15);
    expect(await letOn(high)).toBe(10);
    expect(upstream?.received).toBe(50);
  });

  test("all at once take no more than the limit, and none more than its share", async () => {
    await startWithUpstream([{ scope: "everyone", requests: 50, per: "hour", shares }]);
    const keys = [await keyOf("low"), await keyOf("normal"), await keyOf("high")] as const;
    const [low = [], normal = [], high = []] = await Promise.all(keys.map((key) => many(key, 60)));
    const [ofLow, ofNormal, ofHigh] = [low, normal, high].map((all) => ofStatus(all, 200).length) as [
      number,
      number,
      number,
    ];
    expect(ofLow + ofNormal + ofHigh).toBe(50);
    expect(upstream?.received).toBe(50);
    expect(ofLow).toBeLessThanOrEqual(25);
    expect(ofLow + ofNormal).toBeLessThanOrEqual(40);
  });

  test("hold for open calls and tokens too, and change with the key", async () => {
    const lab = await startWithUpstream([
      { scope: "everyone", concurrent: 4, shares: { low: 0.5 } },
      { scope: "everyone", tokens: 10_000, per: "hour", shares: { low: 0.5 } },
    ]);
    const { id, key, revision, priority } = await makeKey({ priority: "low" });
    expect(priority).toBe("low");
    lab.mode = "slow";
    const slow = await Promise.all(Array.from({ length: 8 }, () => call("lab/m", { max_tokens: 5 }, key)));
    expect(ofStatus(slow, 200).length).toBe(2);
    lab.mode = "works";
    const large = { max_tokens: 6_000 };
    expect((await call("lab/m", large, key)).body.error.message).toContain("alone may take");
    const headers = { "if-match": `"${revision}"` };
    const changed = await administer(gateway, `/keys/${id}`, { method: "PATCH", body: { priority: "high" }, headers });
    expect([changed.status, changed.body.priority]).toEqual([200, "high"]);
    expect((await call("lab/m", large, key)).status).toBe(200);
  });
});

describe("tokens", () => {
  test("are reserved as asked for, and put right by what was used", async () => {
    await start([{ scope: "everyone", tokens: 5_000, per: "hour" }]);
    const first = await call("fast", { max_tokens: 4_000 });
    expect(first.status).toBe(200);
    expect(Number(first.headers.get("x-ratelimit-remaining-tokens"))).toBeLessThan(1_000);
    const used = first.body.usage.total_tokens;
    const second = await call("fast", { max_tokens: 1 });
    const { headers } = second;
    expect(headers.get("x-ratelimit-limit-tokens")).toBe("5000");
    const left = Number(headers.get("x-ratelimit-remaining-tokens"));
    expect(left).toBeLessThan(5_000 - used);
    expect(left).toBeGreaterThan(5_000 - used - 100);
    expect(headers.get("x-ratelimit-reset-tokens")).toMatch(/^(1h0m0s|59m5\d(\.\d+)?s)$/);
  });

  test("are given back by a call that the provider refused", async () => {
    const lab = await startWithUpstream([{ scope: "everyone", tokens: 5_000, per: "hour" }]);
    lab.mode = "asks for a pause";
    const refused = await call("lab/m", { max_tokens: 4_900 });
    expect(refused.status).toBe(429);
    // That was the provider's refusal, and can be told from one of the gateway.
    expect(refused.body.error.message).not.toContain("gateway's limit");
    expect((await call("lab/m", { max_tokens: 4_900 })).body.error.message).not.toContain("gateway's limit");
  });

  test.each([
    ["an enormous answer", { max_tokens: 9_000_000_000_000_000 }],
    ["very many answers", { max_tokens: 1_000, n: 128 }],
    ["very many answers of unknown length", { n: 128 }],
  ])("%s is refused for good, and costs nothing", async (_, fields) => {
    await start([{ scope: "everyone", tokens: 100_000, per: "minute" }]);
    const { status, body, headers } = await call("fast", fields);
    expect(status).toBe(429);
    expect(body.error.message).toMatch(/alone may take .* more than .* 100,000 tokens per minute .* ever admits/);
    expect([headers.get("retry-after"), headers.get("x-should-retry")]).toEqual([null, "false"]);
    expect(headers.get("x-ratelimit-remaining-tokens")).toBe("100000");
    expect((await call("fast")).status).toBe(200);
  });
});

describe("calls at once", () => {
  const slow = { ...hello("mock/mock-llama"), stream: true, mock: { tokensPerSecond: 2, words: 100 } };

  test("are let go when the client leaves, when the call fails, and when it ends", async () => {
    await start([{ scope: "everyone", concurrent: 1 }]);
    for (let round = 0; round < 3; round++) {
      const leaving = new AbortController();
      const response = await send(gateway, chat, { body: slow, signal: leaving.signal });
      expect(response.status).toBe(200);
      const { status, body, headers } = await call();
      expect([status, headers.get("retry-after")]).toEqual([429, "1"]);
      expect(body.error.message).toBe(
        "This gateway's limit of 1 call at once for everyone together is reached. Try again when one of them has ended.",
      );
      leaving.abort();
      await eventually("the place is free", async () => (await call()).status === 200);
    }
    for (const fields of [{ mock: { fail: { status: 500 } } }, { mock: { fail: { status: 400 } } }, { seed: 1 }, {}])
      expect((await call("fast", fields)).status).not.toBe(429);
    const all = await Promise.all(Array.from({ length: 20 }, () => call("fast", { mock: { delayMilliseconds: 300 } })));
    expect(ofStatus(all, 200).length).toBe(1);
    expect((await call()).status).toBe(200);
  });
});

test("however calls end, no place is lost or won", async () => {
  await start([{ scope: "everyone", concurrent: 20 }]);
  await expectAllPlacesFree(gateway, 20);
});

describe("headers", () => {
  test("are there on whole and streamed answers, and on errors; without limits they are not", async () => {
    await start([
      { scope: "everyone", requests: 100, per: "minute" },
      { scope: "tenant", requests: 50, tokens: 90_000, per: "hour" },
    ]);
    for (const fields of [{}, { stream: true }, { mock: { fail: { status: 400 } } }]) {
      const { headers } = await call("fast", fields);
      expect(headers.get("x-ratelimit-limit-requests")).toBe("50");
      expect(headers.get("x-ratelimit-reset-requests")).toMatch(/^(1h0m0s|59m5\d(\.\d+)?s)$/);
      expect(headers.get("x-ratelimit-limit-tokens")).toBe("90000");
    }
    await reload([]);
    const { headers } = await call("fast");
    expect([...headers.keys()].filter((name) => name.includes("ratelimit"))).toEqual([]);
  });

  test("have Anthropic's names on Anthropic's route, and so has a refusal", async () => {
    await start([{ scope: "everyone", requests: 1, tokens: 9_000, per: "minute" }]);
    const body = { ...hello("fast"), max_tokens: 10 };
    const first = await ask(gateway, "/v1/messages", { body });
    expect(first.status).toBe(200);
    const second = await ask(gateway, "/v1/messages", { body });
    expect([second.status, second.body.error.type]).toEqual([429, "rate_limit_error"]);
    for (const { headers } of [first, second]) {
      expect(headers.get("anthropic-ratelimit-requests-limit")).toBe("1");
      expect(headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
      expect(headers.get("anthropic-ratelimit-tokens-limit")).toBe("9000");
      const reset = headers.get("anthropic-ratelimit-requests-reset") ?? "";
      expect(reset).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(Math.abs(Date.parse(reset) - Date.now() - 60_000)).toBeLessThan(10_000);
      expect(headers.get("x-ratelimit-limit-requests")).toBeNull();
    }
  });
});

describe("a reload", () => {
  test("changes limits at once, and forgets no count", async () => {
    await start([{ scope: "everyone", requests: 3, per: "hour" }]);
    for (let calls = 0; calls < 3; calls++) expect((await call()).status).toBe(200);
    expect((await call()).status).toBe(429);
    await reload([{ scope: "everyone", requests: 4, per: "hour" }]);
    expect((await call()).status).toBe(200);
    expect((await call()).status).toBe(429);
    await reload([{ scope: "everyone", requests: 2, per: "hour" }]);
    const { headers } = await call();
    expect([headers.get("x-ratelimit-limit-requests"), headers.get("x-ratelimit-remaining-requests")]).toEqual([
      "2",
      "0",
    ]);
  });

  test("with a limit on a route that is not there is refused", async () => {
    await start([]);
    const file = join(gateway.dataFolder, "intellirouter.yaml");
    const limits = [{ scope: "route", match: "fsat", requests: 1, per: "hour" }];
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), limits }));
    const { status, body } = await administer(gateway, "/reload", { method: "POST" });
    expect(status).toBe(422);
    expect(body.error.message).toMatch(/limits\[0\]\.match: there is no route 'fsat'; did you mean 'fast'/);
  });
});
