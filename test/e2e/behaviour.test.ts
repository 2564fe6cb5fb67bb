import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type BackendName, type Backends, backendNames, startBackends } from "../clients/backends.ts";
import { freePort } from "../support/free-port.ts";
import type { RunningGateway } from "../support/start-gateway.ts";
import { scriptedUsage } from "../support/upstream-script.ts";
import { administer, ask, chat, eventually, hello, send } from "./ask.ts";

let backends: Backends;
let gateway: RunningGateway;
beforeAll(async () => {
  backends = await startBackends({
    providers: { dead: { kind: "openai-compatible", baseUrl: `http://127.0.0.1:${await freePort()}/v1` } },
    routes: {
      steady: { targets: ["dead/any", "openai/gpt-4.1-mini"], retries: { perTarget: 0 } },
      failing: { targets: ["openai/refuse-500", "anthropic/claude-sonnet-4-5"], retries: { perTarget: 0 } },
      hanging: {
        targets: ["gemini/slow", "ollama/llama3.2"],
        retries: { perTarget: 0 },
        timeouts: { idleMilliseconds: 300, firstTokenMilliseconds: 300 },
      },
      waiting: {
        targets: ["gemini/silent", "ollama/llama3.2"],
        retries: { perTarget: 0 },
        timeouts: { firstTokenMilliseconds: 300 },
      },
      gone: { targets: ["dead/any"], retries: { perTarget: 0 } },
    },
  });
  gateway = backends.gateway;
});
afterAll(() => backends.stop());

const providers = backendNames.filter((name): name is Exclude<BackendName, "mock"> => name !== "mock");
const callOf = async (id: string | null) => {
  const { status, body, text } = await administer(gateway, `/calls/${id}`);
  expect(status, text).toBe(200);
  return body;
};

/** The text of a streamed answer. */
const contentOf = (stream: string): string =>
  [...stream.matchAll(/"content":("(?:[^"\\\\]|\\\\.)*")/g)].map(([, literal]) => JSON.parse(literal ?? '""')).join("");

describe("a client that leaves", () => {
  const gone = async (name: Exclude<BackendName, "mock">, count: number): Promise<number> => {
    const upstream = backends.upstream(name);
    const requests = () => upstream.received();
    await eventually("the request reaches the upstream", () => requests().length > count);
    return requests().length - 1;
  };
  const expectAborted = async (name: Exclude<BackendName, "mock">, at: number, leftAt: number): Promise<void> => {
    const request = () => backends.upstream(name).received()[at];
    await eventually("the upstream is aborted", () => (request()?.goneAt ?? null) !== null);
    expect((request()?.goneAt ?? 0) - leftAt).toBeLessThan(1_000);
  };

  test.each(providers)("before the answer: %s is aborted within a second, and the call settled", async (name) => {
    const count = backends.upstream(name).received().length;
    const client = new AbortController();
    const reply = send(gateway, chat, { body: hello(`${name}/silent`), signal: client.signal });
    const at = await gone(name, count);
    const leftAt = performance.now();
    client.abort();
    await reply.then(
      () => expect.unreachable("there was an answer"),
      () => undefined,
    );
    await expectAborted(name, at, leftAt);
    await eventually("the call is in the ledger", async () => {
      const { body } = await administer(gateway, `/calls?outcome=aborted&route=${name}/silent`);
      return body.data.length === 1 && body.data[0].errorCode === "client_closed_request";
    });
  });

  test.each(providers)(
    "in the middle of a stream: %s is aborted within a second, and the call settled",
    async (name) => {
      const count = backends.upstream(name).received().length;
      const client = new AbortController();
      const response = await send(gateway, chat, {
        body: {
          ...hello(`${name}/slow`),
          messages: [{ role: "user", content: "a long tale of the sea" }],
          stream: true,
        },
        signal: client.signal,
      });
      const reader = response.body?.getReader();
      const first = await reader?.read();
      expect(new TextDecoder().decode(first?.value)).toContain("data: {");
      const at = await gone(name, count);
      const leftAt = performance.now();
      client.abort();
      await expectAborted(name, at, leftAt);
      const id = response.headers.get("x-request-id");
      await eventually(
        "the call is in the ledger",
        async () => (await administer(gateway, `/calls/${id}`)).status === 200,
      );
      const call = await callOf(id);
      expect(call).toMatchObject({ outcome: "aborted", streamed: true, usageSource: "estimated" });
      expect(call.attempts).toHaveLength(1);
      expect(call.attempts[0]).toMatchObject({ outcome: "aborted", delivered: true });
      expect(call.usage.inputTokens).toBeGreaterThan(0);
      expect(call.usage.outputTokens).toBeGreaterThan(0);
    },
  );
});

describe("what a reply says of its way, and what the ledger says of it", () => {
  test.each([...backendNames].flatMap((name) => [[name, false] as const, [name, true] as const]))(
    "%s, streamed: %p",
    async (name, stream) => {
      const { model } = backends.of(name);
      const { headers, status, text } = await ask(gateway, chat, { body: { ...hello(model), stream } });
      expect(status, text).toBe(200);
      expect(headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
      expect(headers.get("x-intellirouter-route")).toBe(model);
      expect(headers.get("x-intellirouter-provider")).toBe(name);
      expect(headers.get("x-intellirouter-model")).toBe(model.slice(model.indexOf("/") + 1));
      expect(headers.get("x-intellirouter-attempts")).toBe("1");
      expect(headers.get("x-intellirouter-decision")?.length).toBeGreaterThan(0);
      expect(headers.get("server-timing")).toMatch(/^upstream;dur=[\d.]+, gateway;dur=[\d.]+$/);
      // The client did not ask for usage: it does not see it, and it is recorded all the same.
      if (stream) expect(text).not.toContain('"usage":{');
      const call = await callOf(headers.get("x-request-id"));
      expect(call).toMatchObject({
        outcome: "ok",
        status: 200,
        streamed: stream,
        usageSource: "reported",
        target: model,
      });
      expect(call.attempts).toHaveLength(1);
      expect(call.decision.candidates).toHaveLength(1);
      if (name !== "mock") expect(call.usage).toMatchObject(scriptedUsage);
      if (!stream) expect(Number(headers.get("x-intellirouter-cost"))).toBeCloseTo(call.costUsd, 12);
      if (name === "openai") expect(call.costUsd).toBeGreaterThan(0);
    },
  );

  test("two calls never have the same id", async () => {
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () =>
        (await ask(gateway, chat, { body: hello("mock/mock-echo") })).headers.get("x-request-id"),
      ),
    );
    expect(new Set(ids).size).toBe(50);
  });

  test("a call that failed is in the ledger with its cause", async () => {
    const { headers, status } = await ask(gateway, chat, { body: hello("anthropic/refuse-401") });
    expect(status).toBe(502);
    const call = await callOf(headers.get("x-request-id"));
    expect(call).toMatchObject({ outcome: "error", status: 502, errorCode: "upstream_authentication", costUsd: 0 });
    expect(call.attempts[0]).toMatchObject({ upstreamStatus: 401, costSource: "none", delivered: false });
    expect(JSON.stringify(call)).not.toContain("secret");
  });

  test("usage sums up what was called", async () => {
    const { body } = await administer(gateway, "/usage?by=provider");
    const rows: readonly { group: string; calls: number; outputTokens: number }[] = body.data;
    for (const name of providers) expect(rows.find(({ group }) => group === name)?.outputTokens).toBeGreaterThan(0);
  });
});

describe("a route whose first target fails", () => {
  test.each([
    ["steady", "a closed port", "dead", "openai", false],
    ["steady", "a closed port", "dead", "openai", true],
    ["failing", "a server error", "openai", "anthropic", false],
    ["failing", "a server error", "openai", "anthropic", true],
    ["waiting", "silence", "gemini", "ollama", true],
  ])("%s: %s of %s, answered by %s (streamed: %p)", async (route, _, first, second, stream) => {
    const { status, headers, text } = await ask(gateway, chat, { body: { ...hello(route), stream } });
    expect(status, text).toBe(200);
    if (stream) expect(text).toEndWith("data: [DONE]\n\n");
    expect(headers.get("x-intellirouter-attempts")).toBe("2");
    expect(headers.get("x-intellirouter-provider")).toBe(second);
    const call = await callOf(headers.get("x-request-id"));
    expect(call.outcome).toBe("ok");
    expect(
      call.attempts.map(({ provider, outcome }: { provider: string; outcome: string }) => [provider, outcome]),
    ).toEqual([
      [first, "error"],
      [second, "ok"],
    ]);
  });

  test("with nothing left it is an error that names the provider", async () => {
    const { status, body, headers } = await ask(gateway, chat, { body: hello("gone") });
    expect(status).toBe(503);
    expect(body.error.code).toBe("upstream_refused");
    expect((await callOf(headers.get("x-request-id"))).attempts).toHaveLength(1);
  });

  test("a stream that falls silent never looks finished", async () => {
    const { text, headers } = await ask(gateway, chat, {
      body: { ...hello("hanging"), messages: [{ role: "user", content: "a long tale of the sea" }], stream: true },
    });
    const isWhole = text.endsWith("data: [DONE]\n\n");
    // Either another target took over, or the client was told.
    if (isWhole) expect(contentOf(text)).toBe("You said: a long tale of the sea");
    else expect(text).toMatch(/data: \{"error":/);
    const call = await callOf(headers.get("x-request-id"));
    expect(call.attempts[0]).toMatchObject({ provider: "gemini", outcome: "error", errorCode: "upstream_timeout" });
  });
});

describe("the surfaces beside the API", () => {
  test("health, readiness and the description", async () => {
    expect((await ask(gateway, "/healthz")).body).toEqual({ status: "ok" });
    expect((await ask(gateway, "/readyz")).body).toEqual({ status: "ready" });
    const { body, headers } = await ask(gateway, "/openapi.json");
    expect(headers.get("content-type")).toContain("application/json");
    expect(body.openapi).toMatch(/^3\.1/);
    for (const path of [chat, "/v1/embeddings", "/v1/messages", "/v1/models", "/admin/v1/keys", "/healthz"])
      expect(Object.keys(body.paths)).toContain(path);
  });

  test("metrics count the calls", async () => {
    const count = async (): Promise<number> => {
      const { text } = await ask(gateway, "/metrics");
      const lines = text
        .split("\n")
        .filter((line) => line.startsWith("intellirouter_calls_total{") && line.includes('route="steady"'));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    };
    const before = await count();
    await ask(gateway, chat, { body: hello("steady") });
    expect(await count()).toBe(before + 1);
  });

  test("metrics do not grow with names that clients make up", async () => {
    for (let index = 0; index < 20; index++) await ask(gateway, chat, { body: hello(`openai/made-up-${index}`) });
    expect((await ask(gateway, "/metrics")).text).not.toContain("made-up-1");
  });

  test("HEAD is answered without a body", async () => {
    const { status, text } = await ask(gateway, "/healthz", { method: "HEAD" });
    expect([status, text]).toEqual([200, ""]);
  });
});
