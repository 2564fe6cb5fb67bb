import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Answer, administer, ask, chat, eventually, hello } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startAnthropicUpstream } from "../support/upstream-anthropic.ts";
import { startOpenaiUpstream } from "../support/upstream-openai.ts";
import type { FakeUpstream } from "../support/upstream-server.ts";

const model = "mock-echo";
const mock = (facts: object) => ({ kind: "mock", models: { [model]: facts } });
const all = ["near/mock-echo", "far/mock-echo", "dear/mock-echo"];
const inEurope = { kind: "regions", within: ["eu"] };

let gateway: RunningGateway;
let openai: FakeUpstream;
let anthropic: FakeUpstream;

/** An upstream that says how little is left of its limits. */
const limited = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: () => {
    const message = { role: "assistant", content: "Hello" };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    const headers = {
      "x-ratelimit-limit-tokens": "1000",
      "x-ratelimit-remaining-tokens": "70",
      "x-ratelimit-reset-tokens": "1h",
    };
    return Response.json({ id: "x", object: "chat.completion", created: 1, model: "any", choices }, { headers });
  },
});
beforeAll(async () => {
  openai = startOpenaiUpstream();
  anthropic = startAnthropicUpstream();
  gateway = await startGateway({
    configuration: {
      providers: {
        near: mock({
          region: "eu-west-1",
          qualityTier: "good",
          price: { input: 1, output: 2 },
          maxOutputTokens: 1_000,
        }),
        far: mock({ region: "us", qualityTier: "high", price: { input: 0, output: 0 }, maxOutputTokens: 1_000 }),
        dear: mock({
          region: "eu",
          qualityTier: "exceptional",
          price: { input: 100, output: 500 },
          maxOutputTokens: 1_000,
        }),
        openai: { kind: "openai", baseUrl: `${openai.url}/v1`, apiKey: "k" },
        claude: { kind: "anthropic", baseUrl: anthropic.url, apiKey: "k" },
        limited: { kind: "openai-compatible", baseUrl: `${limited.url.origin}/v1` },
      },
      routes: {
        plain: { targets: all },
        best: { targets: all, strategy: { kind: "quality-first" } },
        europe: {
          targets: all,
          strategy: { filter: [inEurope], rank: { kind: "cost-first" }, tieBreak: { kind: "least-busy" } },
        },
        nowhere: {
          targets: all,
          strategy: {
            filter: [inEurope, { kind: "quality-first", floor: "high" }, { kind: "tags", all: ["x"] }],
            rank: { kind: "priority" },
          },
        },
        ruled: {
          targets: all,
          strategy: {
            kind: "rules",
            rules: [
              { name: "broken", when: "metadata.plan == 'pro'", targets: ["dear/*"] },
              { name: "urgent", when: "'urgent' in tags", targets: ["far/mock-echo"] },
              { name: "refunds", when: "text.lowerAscii().containsWord('refund')", prefer: ["dear/mock-echo"] },
              { name: "tenants", when: "caller.tenant != 'default'", exclude: ["near/*"] },
            ],
          },
        },
        places: { targets: all, strategy: { kind: "regions" } },
        graded: {
          targets: all,
          strategy: {
            kind: "complexity",
            simple: ["near/mock-echo"],
            moderate: ["far/mock-echo"],
            complex: ["dear/mock-echo"],
          },
        },
        kinds: {
          targets: all,
          strategy: { kind: "rules", rules: [{ when: "taskKind == 'code'", targets: ["dear/*"] }] },
        },
        sticky: { targets: all, strategy: { kind: "affinity" } },
        upstream: { targets: ["openai/gpt-4.1-mini"] },
        claude: { targets: ["claude/claude-sonnet-4-5"] },
        headroom: {
          targets: ["limited/any", "near/mock-echo"],
          strategy: { kind: "usage-headroom" },
          assembleWhole: "never",
        },
      },
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await gateway.dispose();
  await openai.stop();
  await anthropic.stop();
  await limited.stop(true);
});

interface Extra {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
}
const call = (route: string, { body, headers, key }: Extra = {}): Promise<Answer> =>
  ask(gateway, chat, {
    body: { ...hello(route), ...body },
    ...(headers === undefined ? {} : { headers }),
    ...(key === undefined ? {} : { key }),
  });
const providerOf = async (route: string, extra?: Extra): Promise<string> => {
  const { status, headers, text } = await call(route, extra);
  expect(status, text).toBe(200);
  return headers.get("x-intellirouter-provider") ?? "";
};
const recordOf = async ({ headers }: Answer): Promise<Answer["body"]> => {
  const id = headers.get("x-request-id");
  await eventually("the call is in the ledger", async () => (await administer(gateway, `/calls/${id}`)).status === 200);
  return (await administer(gateway, `/calls/${id}`)).body;
};

const say = (content: string): Extra => ({ body: { messages: [{ role: "user", content }] } });

describe("strategies in the program", () => {
  const cases: readonly (readonly [string, Extra, string])[] = [
    ["plain", {}, "near"],
    ["best", {}, "dear"],
    ["europe", {}, "near"],
    ["ruled", {}, "near"],
    ["ruled", { body: { tags: ["urgent"] } }, "far"],
    ["ruled", { headers: { "x-intellirouter-tags": "other, urgent" } }, "far"],
    ["ruled", { body: { messages: [{ role: "user", content: "A REFUND, please" }] } }, "dear"],
    ["ruled", { body: { metadata: { plan: "pro" } } }, "dear"],
    ["graded", say("Janet has 3 apples and buys 5 more. How many apples does she have?"), "near"],
    [
      "graded",
      say("Let $a$, $b$ and $c$ be positive reals such that $abc = 1$. Find the least value of $a^2+b^2+c^2$."),
      "dear",
    ],
    ["kinds", say("Write a Python function that returns the longest palindrome.\ndef longest(s: str) -> str:"), "dear"],
    ["kinds", say("Janet has 3 apples and buys 5 more. How many apples does she have?"), "near"],
    ["places", { headers: { "x-intellirouter-region": "us" } }, "far"],
    ["places", { headers: { "x-intellirouter-region": "eu-west-1" } }, "near"],
  ];
  for (const [route, extra, provider] of cases)
    test(`${route} with ${JSON.stringify(extra)} goes to ${provider}`, async () => {
      expect(await providerOf(route, extra)).toBe(provider);
    });

  test("where nothing is left, each target's reason is told with 503", async () => {
    const { status, body } = await call("nowhere");
    expect(status).toBe(503);
    expect(body.error.code).toBe("no_target_available");
    expect(body.error.message).toContain("far/mock-echo: it is in us; calls stay within eu");
    expect(body.error.message).toContain("near/mock-echo: quality good, stated: below high");
    expect(body.error.message).toContain("dear/mock-echo: it has no tag 'x'");
  });

  test("the decision names what was excluded, and a rule that failed", async () => {
    const ruled = await recordOf(await call("ruled"));
    expect(ruled.decision.notes).toEqual([
      "rule 'broken' could not be evaluated and did not match: no such key, at character 10",
    ]);
    const europe = await recordOf(await call("europe"));
    expect(europe.decision.candidates).toMatchObject([
      { target: "near/mock-echo" },
      { target: "dear/mock-echo" },
      { target: "far/mock-echo", excluded: true, reason: "it is in us; calls stay within eu" },
    ]);
  });

  test("what a provider says of its limits counts for the next call", async () => {
    expect(await providerOf("headroom")).toBe("limited");
    const next = await recordOf(await call("headroom"));
    expect(next.target).toBe("near/mock-echo");
    expect(next.decision.candidates.map(({ reason }: { reason: string }) => reason)).toEqual([
      "its provider said nothing of its limits",
      "7 % of its tokens left",
    ]);
  });

  test("sessions stay together and spread over the targets", async () => {
    const seen = new Set<string>();
    for (let session = 0; session < 12; session++) {
      const body = { session_id: `session ${session}` };
      const provider = await providerOf("sticky", { body });
      expect(await providerOf("sticky", { body })).toBe(provider);
      seen.add(provider);
    }
    expect(seen.size).toBeGreaterThan(1);
  });
});

const routing = (wishes: object): Extra => ({ body: { routing: wishes } });

describe("what clients may wish", () => {
  const cases: readonly (readonly [string, Extra, string])[] = [
    ["plain", routing({ force: "dear/mock-echo" }), "dear"],
    ["plain", { headers: { "x-intellirouter-routing": '{"force":"dear/mock-echo"}' } }, "dear"],
    [
      "plain",
      { ...routing({ force: "far/mock-echo" }), headers: { "x-intellirouter-routing": '{"force":"dear/mock-echo"}' } },
      "far",
    ],
    ["europe", routing({ force: "openai/gpt-4.1-mini" }), "503"],
    ["plain", routing({ force: "openai/gpt-4.1-mini" }), "openai"],
    ["near/mock-echo", routing({ force: "dear/mock-echo" }), "dear"],
    ["plain", routing({ exclude: ["near/*", "dear/mock-echo"] }), "far"],
    ["plain", routing({ strategy: "quality-first" }), "dear"],
    ["best", routing({ off: true }), "near"],
    ["best", { body: { routing: { off: false }, session_id: null, tags: null } }, "dear"],
    ["europe", routing({ strategy: "quality-first" }), "dear"],
    ["europe", routing({ exclude: ["near/*"], off: true }), "dear"],
    ["best", { body: { routing: { max_cost: 0.01 }, max_tokens: 10 } }, "far"],
    ["best", { body: { routing: { max_cost: 1 }, max_tokens: 10 } }, "dear"],
    ["plain", { body: { route: "best" } }, "dear"],
  ];
  for (const [route, extra, provider] of cases)
    test(`${route} with ${JSON.stringify(extra)} goes to ${provider}`, async () => {
      if (provider === "503") expect((await call(route, extra)).status).toBe(503);
      else expect(await providerOf(route, extra)).toBe(provider);
    });

  test("a policy of the route is not wished away", async () => {
    for (const wishes of [{ strategy: "quality-first" }, { off: true }, { force: "far/mock-echo" }]) {
      const { status, headers, body } = await call("europe", routing(wishes));
      if (status === 200) expect(headers.get("x-intellirouter-provider")).not.toBe("far");
      else expect([status, body.error.code]).toEqual([503, "no_target_available"]);
    }
  });

  test("a pinned session stays pinned until it is released", async () => {
    const body = (pin?: string | false) => ({
      body: { session_id: "pinned", ...(pin === undefined ? {} : { routing: { pin } }) },
    });
    expect(await providerOf("plain", body("dear/mock-echo"))).toBe("dear");
    expect(await providerOf("plain", body())).toBe("dear");
    expect(await providerOf("plain", { headers: { "x-intellirouter-session": "pinned" } })).toBe("dear");
    expect(await providerOf("plain", { body: { session_id: "another" } })).toBe("near");
    expect(await providerOf("plain", body(false))).toBe("near");
    expect(await providerOf("plain", body())).toBe("near");
  });

  test("a dry run sees the wishes, and pins nothing", async () => {
    const preview = async (extra: object) => {
      const sent = { ...hello("plain"), session_id: "shown only", ...extra };
      return (await ask(gateway, "/v1/route", { body: sent })).body.provider;
    };
    expect(await preview({ routing: { pin: "dear/mock-echo" } })).toBe("dear");
    expect(await preview({})).toBe("near");
    expect(await preview({ routing: { exclude: ["near/*"] } })).toBe("far");
    expect(await providerOf("plain", { body: { session_id: "shown only" } })).toBe("near");
  });

  test("the decision says what was wished, and of which targets nothing came", async () => {
    const { decision } = await recordOf(await call("plain", routing({ exclude: ["near/*"], strategy: "priority" })));
    expect(decision.wished).toBe("without near/*; strategy priority");
    expect(decision.candidates.at(-1)).toEqual({
      target: "near/mock-echo",
      reason: "routing.exclude.0: the request excludes it",
      excluded: true,
    });
  });

  const refused: readonly (readonly [Extra, number, string, string])[] = [
    [routing([]), 400, "invalid_value", "routing"],
    [{ body: { routing: "off" } }, 400, "invalid_value", "routing"],
    [routing({ forced: "x" }), 400, "invalid_value", "routing.forced"],
    [routing({ force: "" }), 400, "invalid_value", "routing.force"],
    [routing({ force: 1 }), 400, "invalid_value", "routing.force"],
    [routing({ force: "near/nothing-like-it-x", pin: "y" }), 400, "invalid_value", "routing.pin"],
    [routing({ force: "nowhere/x" }), 404, "model_not_found", "routing.force"],
    [routing({ force: "best" }), 400, "invalid_value", "routing.force"],
    [routing({ exclude: [] }), 400, "invalid_value", "routing.exclude"],
    [routing({ exclude: "near" }), 400, "invalid_value", "routing.exclude"],
    [routing({ exclude: [1] }), 400, "invalid_value", "routing.exclude.0"],
    [routing({ exclude: ["mock-echo"] }), 400, "unsupported_parameter", "routing.exclude.0"],
    [routing({ max_cost: 0 }), 400, "invalid_value", "routing.max_cost"],
    [routing({ max_cost: "1" }), 400, "invalid_value", "routing.max_cost"],
    [routing({ strategy: "no-such" }), 400, "invalid_value", "routing.strategy"],
    [routing({ strategy: "semantic" }), 400, "invalid_value", "routing.strategy"],
    [routing({ off: true, strategy: "random" }), 400, "invalid_value", "routing.strategy"],
    [routing({ off: 1 }), 400, "invalid_value", "routing.off"],
    [routing({ pin: "near/mock-echo" }), 400, "invalid_value", "routing.pin"],
    [{ body: { routing: { pin: "claude/x" }, session_id: "s" } }, 400, "invalid_value", "routing.pin"],
    [{ body: { tags: "urgent" } }, 400, "invalid_value", "tags"],
    [{ body: { tags: ["a", 1] } }, 400, "invalid_value", "tags.1"],
    [{ body: { session_id: 7 } }, 400, "invalid_value", "session_id"],
    [{ body: { session_id: "x".repeat(201) } }, 400, "invalid_value", "session_id"],
    [{ body: { persona_id: "x" } }, 400, "unsupported_parameter", "persona_id"],
    [{ body: { Routing: {} } }, 400, "unsupported_parameter", "Routing"],
    [{ headers: { "x-intellirouter-routing": "{" } }, 400, "invalid_value", "x-intellirouter-routing"],
    [{ headers: { "x-intellirouter-routing": '{"x":1}' } }, 400, "invalid_value", "x-intellirouter-routing.x"],
    [{ headers: { "x-intellirouter-region": "../etc" } }, 400, "invalid_value", "x-intellirouter-region"],
  ];
  for (const [extra, status, code, param] of refused)
    test(`${JSON.stringify(extra).slice(0, 90)} is refused at ${param}`, async () => {
      const { body, ...answer } = await call("plain", extra);
      expect([answer.status, body.error.code, body.error.param]).toEqual([status, code, param]);
    });

  test("a ceiling that no target keeps is told with what each may cost", async () => {
    const { status, body } = await call("best", {
      body: { routing: { max_cost: 1e-9, exclude: ["far/*"] }, max_tokens: 10 },
    });
    expect(status).toBe(400);
    expect(body.error.message).toMatch(/near\/mock-echo: 'routing.max_cost': it may cost 0\.000\d+ USD/);
  });
});

describe("no provider sees what is for the gateway", () => {
  const own = { routing: { exclude: ["x/y"] }, session_id: "secret session", tags: ["secret tag"] };
  const headers = { "x-intellirouter-routing": '{"off":true}', "x-intellirouter-tags": "secret tag" };
  const none = (upstream: FakeUpstream): void => {
    const received = JSON.stringify(upstream.last());
    for (const word of ["secret", "session_id", "routing", '"tags"']) expect(received).not.toContain(word);
  };

  test.each(["chat/completions", "completions", "embeddings"])("/v1/%s", async (path) => {
    const body = {
      chat: hello("upstream"),
      completions: { model: "upstream", prompt: "hello" },
      embeddings: { model: "openai/text-embedding-3-small", input: "hello" },
    }[path.split("/")[0] as "chat"];
    const { status, text } = await ask(gateway, `/v1/${path}`, {
      body: { ...body, ...own, unknown_field: 1 },
      headers,
    });
    // The fake has no completions: it answers 404, and has read the request all the same.
    expect(status, text).toBe(path === "completions" ? 404 : 200);
    expect(openai.last().path).toBe(`/v1/${path}`);
    none(openai);
    expect(JSON.stringify(openai.last())).toContain("unknown_field");
  });

  test("/v1/messages", async () => {
    const body = { model: "claude", max_tokens: 10, messages: [{ role: "user", content: "hello" }], ...own };
    const { status, text } = await ask(gateway, "/v1/messages", { body, headers });
    expect(status, text).toBe(200);
    none(anthropic);
    const wrong = await ask(gateway, "/v1/messages", { body: { ...body, routing: { force: 1 } } });
    expect([wrong.status, wrong.body.type, wrong.body.error.type]).toEqual([400, "error", "invalid_request_error"]);
    expect(wrong.body.error.message).toContain("routing.force");
  });
});

/** Last, since the gateway asks for keys once there are any. */
describe("keys", () => {
  test("a client wishes within its key's rights only", async () => {
    const created = await administer(gateway, "/keys", {
      method: "POST",
      body: { name: "narrow", models: ["near/mock-echo", "far/mock-echo"] },
    });
    expect(created.status, created.text).toBe(201);
    const { key } = created.body;
    const refusal = await call("plain", { ...routing({ force: "dear/mock-echo" }), key });
    expect([refusal.status, refusal.body.error.code]).toEqual([403, "permission_denied"]);
    const elsewhere = await call("plain", { ...routing({ force: "openai/gpt-4.1-mini" }), key });
    expect([elsewhere.status, elsewhere.body.error.code]).toEqual([403, "permission_denied"]);
    const pinned = await call("plain", { body: { routing: { pin: "dear/mock-echo" }, session_id: "s" }, key });
    expect([pinned.status, pinned.body.error.param]).toEqual([403, "routing.pin"]);
    expect(await providerOf("plain", { ...routing({ force: "far/mock-echo" }), key })).toBe("far");

    const fixed = await administer(gateway, "/keys", {
      method: "POST",
      body: { name: "fixed", profile: { model: "near/mock-echo", strategy: "priority" } },
    });
    expect(fixed.status, fixed.text).toBe(201);
    for (const wishes of [{ force: "far/mock-echo" }, { strategy: "random" }, { off: true }]) {
      const denied = await call("plain", { ...routing(wishes), key: fixed.body.key });
      expect([denied.status, denied.body.error.code]).toEqual([403, "permission_denied"]);
    }
    expect(await providerOf("plain", { ...routing({ exclude: ["far/*"] }), key: fixed.body.key })).toBe("near");
  });
});
