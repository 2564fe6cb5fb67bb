import { describe, expect, test } from "bun:test";
import type { Caller } from "../../core/caller.ts";
import { allPermissions } from "../../core/permissions.ts";
import { adminBase, createAdminApp } from "./create-admin-app.ts";
import { makeDependencies } from "./fake-dependencies.ts";
import { now } from "./fake-ledger.ts";
import { adminRoutes } from "./routes/index.ts";

const admin: Caller = {
  ...{ tenant: "acme", team: null, keyId: null, role: "admin", routes: null, models: null },
  ...{ permissions: allPermissions, everywhere: true, userId: null },
};

interface Sent {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly caller?: Caller;
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll("{model}", ".+").replace(/\{\w+\}/g, "[^/]+")}$`);

const setUp = (options: Parameters<typeof makeDependencies>[0] = {}) => {
  const made = makeDependencies(options);
  const app = createAdminApp(made.dependencies);
  /** Sends a request; checks that every good answer is as the description says it is. */
  const send = async (line: string, { body, headers = {}, caller = admin }: Sent = {}) => {
    const [method = "GET", path = ""] = line.split(" ");
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const content =
      body === undefined ? {} : { body: text, headers: { "content-type": "application/json", ...headers } };
    const response = await app.fetch(
      new Request(`http://127.0.0.1${adminBase}${path}`, { method, headers, ...content }),
      caller,
    );
    const answer = await response.text();
    const json = answer === "" ? undefined : JSON.parse(answer);
    if (response.ok) {
      const bare = path.split("?")[0] ?? "";
      const route = adminRoutes.find((one) => one.method === method.toLowerCase() && patternOf(one.path).test(bare));
      expect(route?.status as number).toBe(response.status);
      expect(route?.response?.safeParse(json).error?.issues).toBeUndefined();
    }
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    return {
      status: response.status,
      code: json?.error?.code as string | undefined,
      json,
      answer,
      etag: response.headers.get("etag"),
    };
  };
  return { ...made, send };
};

describe("access", () => {
  test("needs permissions, everywhere and before anything is looked at", async () => {
    const { send, failures } = setUp();
    const caller: Caller = { ...admin, role: "developer", permissions: new Set(["chat.call", "models.read"] as const) };
    for (const { method, path } of adminRoutes)
      expect(await send(`${method.toUpperCase()} ${path}`, { caller })).toMatchObject({
        status: 403,
        code: "permission_denied",
      });
    expect(await send("GET /nowhere", { caller })).toMatchObject({ status: 403 });
    expect(failures.length).toBe(adminRoutes.length + 1);
  });

  test("says what is not there and what is not taken", async () => {
    const { send } = setUp();
    expect(await send("GET /nowhere")).toMatchObject({ status: 404, code: "not_found" });
    expect(await send("DELETE /keys")).toMatchObject({ status: 405, code: "method_not_allowed" });
    expect((await send("OPTIONS /keys", { headers: { origin: "https://evil.example" } })).status).toBe(405);
  });

  test("answers a fault of its own without its words, and hands the cause on", async () => {
    const { send, dependencies, failures } = setUp();
    dependencies.status = async () => {
      throw new Error("secret inner words");
    };
    const { status, answer } = await send("GET /status");
    expect(status).toBe(500);
    expect(answer).not.toContain("secret inner words");
    expect(String(failures[0]?.cause)).toContain("secret inner words");
  });
});

describe("input", () => {
  const refused: readonly [string, unknown, string, string?][] = [
    ["POST /keys", {}, "missing_required_parameter", "name"],
    ["POST /keys", { name: "" }, "invalid_value", "name"],
    ["POST /keys", { name: 5 }, "invalid_value", "name"],
    ["POST /keys", { name: "a", rolle: "admin" }, "unsupported_parameter", "rolle"],
    ["POST /keys", { name: "a", role: 5 }, "invalid_value", "role"],
    ["POST /keys", { name: "a", routes: [] }, "invalid_value", "routes"],
    ["POST /keys", { name: "a", expiresAt: "tomorrow" }, "invalid_value", "expiresAt"],
    ["POST /keys", [], "invalid_json"],
    ["POST /keys", '{"name":"a"', "invalid_json"],
    ["POST /keys", '{"name":"a","name":"b"}', "duplicate_key"],
    ["POST /keys", '{"name":"a","__proto__":{"role":"admin"}}', "invalid_value"],
    ["POST /keys", `{"name":"${"x".repeat(2_000_000)}"}`, "payload_too_large"],
    ["POST /keys", `${'{"name":'.repeat(100)}1${"}".repeat(100)}`, "json_too_deep"],
    ["POST /keys/key_1/rotate", { overlapSeconds: -1 }, "invalid_value", "overlapSeconds"],
    ["POST /keys/key_1/rotate", { overlap: 1 }, "unsupported_parameter", "overlap"],
    ["PUT /providers/new", { kind: "openai", baseUrl: "ftp://files.example" }, "invalid_value", "baseUrl"],
    ["PUT /providers/new", { kind: "openai", baseUrl: "https://user:pw@api.example" }, "invalid_value", "baseUrl"],
    ["PUT /providers/new", { kind: "openai", baseUrl: "api.example" }, "invalid_value", "baseUrl"],
    ["PUT /providers/new", { kind: "openai", apiKey: "" }, "invalid_value", "apiKey"],
    ["PUT /providers/a%2Fb", { kind: "openai" }, "invalid_value"],
    ["PUT /providers/..%5cx", { kind: "openai" }, "invalid_value"],
    ["PUT /models/database/m", { facts: { contextTokenz: 1 } }, "unsupported_parameter", "facts.contextTokenz"],
    ["PUT /models/database/m", { facts: { price: { input: -1, output: 0 } } }, "invalid_value", "facts.price.input"],
    ["PUT /models/database/m%00", { facts: {} }, "invalid_value", "model"],
    ["GET /keys?limit=5", undefined, "unsupported_parameter", "limit"],
    ["GET /calls?limit=0", undefined, "invalid_value", "limit"],
    ["GET /calls?limit=many", undefined, "invalid_value", "limit"],
    ["GET /calls?limit=5&limit=6", undefined, "invalid_value", "limit"],
    ["GET /calls?outcome=fine", undefined, "invalid_value", "outcome"],
    ["GET /calls?before=yesterday", undefined, "invalid_value", "before"],
    ["GET /calls?modell=m", undefined, "unsupported_parameter", "modell"],
    ["GET /usage?by=colour", undefined, "invalid_value", "by"],
    ["GET /usage?since=2026-02-31", undefined, "invalid_value", "since"],
    ["GET /usage?since=1d&until=2d", undefined, "invalid_value", "since"],
  ];
  for (const [line, body, code, param] of refused)
    test(`${line} ${(JSON.stringify(body) ?? "").slice(0, 60)}: ${code}`, async () => {
      const { send, specifications } = setUp();
      await send("POST /keys", { body: { name: "present" } });
      const result = await send(line, { body });
      expect(result).toMatchObject({ code });
      if (param !== undefined) expect(result.json.error.param).toBe(param);
      expect(specifications).toEqual([]);
    });

  test("names the field that was meant, and repeats no value", async () => {
    const { send } = setUp();
    const { json, answer } = await send("PUT /providers/new", { body: { kind: "openai", apikey: "sk-very-secret" } });
    expect(json.error.message).toContain("'apiKey'");
    expect(answer).not.toContain("sk-very-secret");
  });

  test("a form is not JSON", async () => {
    const { send } = setUp();
    const headers = { "content-type": "text/plain" };
    expect(await send("POST /keys", { body: { name: "a" }, headers })).toMatchObject({ status: 415 });
    await send("POST /keys", { body: { name: "present" } });
    expect(await send("POST /keys/key_1/rotate", { body: {}, headers })).toMatchObject({ status: 415 });
  });
});

describe("keys", () => {
  test("live from made to revoked; the key is shown once, its digest never", async () => {
    const { send } = setUp();
    const body = {
      name: "ci",
      role: "admin",
      team: "build",
      routes: ["fast"],
      models: ["m"],
      expiresAt: "2027-01-01T01:00:00+01:00",
    };
    const made = await send("POST /keys", { body });
    expect(made.json).toMatchObject({
      ...body,
      expiresAt: "2027-01-01T00:00:00.000Z",
      tenant: "acme",
      key: "ir-secret-of-key_1",
    });
    const rotated = await send("POST /keys/key_1/rotate", { body: { overlapSeconds: 60 } });
    expect(rotated.json).toMatchObject({ id: "key_2", rotatedFrom: "key_1", key: "ir-secret-of-key_2" });
    expect((await send("GET /keys/key_1")).json.expiresAt).toBe(new Date(now + 60_000).toISOString());
    expect((await send("POST /keys/key_2/rotate")).status).toBe(201);
    expect((await send("POST /keys/key_2/revoke")).json.state).toBe("revoked");
    const list = await send("GET /keys");
    expect(list.json.data.length).toBe(3);
    expect(list.answer).not.toContain("ir-secret");
    expect(made.answer + list.answer).not.toContain("digest");
    expect((await send("GET /keys/key_9")).status).toBe(404);
  });
});

describe("providers", () => {
  test("are put, changed on their revision, tested and removed; secrets never come back", async () => {
    const { send, specifications } = setUp();
    const body = {
      kind: "openai",
      baseUrl: "https://api.example/v1",
      apiKey: "sk-very-secret",
      options: { region: "eu" },
    };
    const first = await send("PUT /providers/mine", { body });
    expect(first).toMatchObject({ status: 200, etag: '"1"', json: { hasKey: true, priority: 100, enabled: true } });
    expect(specifications[0]).toMatchObject({ apiKey: "sk-very-secret", options: { region: "eu" } });
    const stale = { "if-match": '"7"' };
    expect(await send("PUT /providers/mine", { body, headers: stale })).toMatchObject({
      status: 412,
      code: "precondition_failed",
    });
    expect(await send("PUT /providers/mine", { body })).toMatchObject({ status: 428, code: "precondition_required" });
    expect((await send("PUT /providers/mine", { body, headers: { "if-match": '"1"' } })).etag).toBe('"2"');
    expect(await send("PUT /providers/mine", { body, headers: { "if-match": 'W/"2"' } })).toMatchObject({
      status: 400,
    });
    const shown = await send("GET /providers/mine");
    expect(shown.etag).toBe('"2"');
    const list = await send("GET /providers");
    expect(first.answer + shown.answer + list.answer).not.toContain("very-secret");
    expect(list.answer).not.toContain("hunter2");
    expect((await send("POST /providers/mine/test")).json).toMatchObject({ ok: false, error: "No answer." });
    expect(await send("DELETE /providers/mine", { headers: stale })).toMatchObject({ status: 412 });
    expect(await send("DELETE /providers/mine", { headers: { "if-match": '"2"' } })).toMatchObject({
      status: 204,
      answer: "",
    });
    expect(await send("DELETE /providers/mine")).toMatchObject({ status: 404 });
  });

  for (const [source, remedy, put] of [
    ["configuration", "configuration file", 409],
    ["environment", "environment variable", 200],
    ["discovery", "found", 200],
  ] as const)
    test(`of the ${source} are not removed here, and put only where the file does not name them`, async () => {
      const { send } = setUp();
      const removed = await send(`DELETE /providers/${source}`);
      expect(removed).toMatchObject({ status: 409, code: "conflict" });
      expect(removed.json.error.message).toContain(remedy);
      expect((await send(`PUT /providers/${source}`, { body: { kind: "openai" } })).status).toBe(put);
    });

  test("that are mistyped are guessed", async () => {
    expect((await setUp().send("GET /providers/databse")).json.error.message).toContain("'database'");
  });
});

describe("models", () => {
  test("with slashes, encoded or not, are shown, put on their revision and removed", async () => {
    const { send } = setUp();
    for (const path of ["/models/database/org/m:1", "/models/database/org%2Fm%3A1"])
      expect(await send(`GET ${path}`)).toMatchObject({ etag: '"1"', json: { id: "database/org/m:1" } });
    const body = { facts: { contextTokens: 4_096, price: { input: 0.5, output: 1 }, tools: true }, enabled: false };
    const put = await send("PUT /models/database/org/m:1", { body, headers: { "if-match": '"1"' } });
    expect(put).toMatchObject({ etag: '"2"', json: { enabled: false, facts: { ...body.facts, source: "admin" } } });
    expect(await send("PUT /models/database/org/m:1", { body, headers: { "if-match": '"1"' } })).toMatchObject({
      status: 412,
    });
    expect((await send("PUT /models/database/org/m:1", { body })).status).toBe(428);
    expect(await send("PUT /models/nobody/m", { body })).toMatchObject({ status: 404 });
    expect((await send("DELETE /models/database/org/m:1")).status).toBe(204);
    expect((await send("GET /models/database/org/m:1")).status).toBe(404);
    expect((await send("DELETE /models/configuration/m")).code).toBe("conflict");
  });

  test("are found by provider and text", async () => {
    const { send } = setUp();
    const ids = async (query: string) =>
      (await send(`GET /models${query}`)).json.data.map(({ id }: { id: string }) => id);
    expect(await ids("")).toEqual(["database/org/m:1", "configuration/m"]);
    expect(await ids("?provider=configuration")).toEqual(["configuration/m"]);
    expect(await ids("?search=ORG")).toEqual(["database/org/m:1"]);
    expect(await ids("?search=nothing")).toEqual([]);
    expect((await send("GET /models?limit=1")).json).toMatchObject({ total: 2, data: [{}] });
  });
});

describe("the ledger", () => {
  test("is read page by page, newest first, each call once", async () => {
    const { send } = setUp({ calls: 25 });
    const seen: string[] = [];
    let query = "?limit=10";
    for (let page = 0; page < 3; page++) {
      const { json } = await send(`GET /calls${query}`);
      seen.push(...json.data.map(({ id }: { id: string }) => id));
      query = `?limit=10&before=${encodeURIComponent(json.next)}`;
      expect(json.next === null).toBe(page === 2);
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => `call_${25 - index}`));
  });

  test("names no next page where this one took the last call", async () => {
    expect((await setUp({ calls: 10 }).send("GET /calls?limit=10")).json).toMatchObject({
      next: null,
      data: { length: 10 },
    });
    expect((await setUp({ calls: 11 }).send("GET /calls?limit=10")).json.next).toEndWith(".call_2");
  });

  test("is filtered by model, key, route and outcome", async () => {
    const { send, asked } = setUp({ calls: 12 });
    await send("GET /calls?model=m&key=key_1&route=fast");
    expect(asked[0]).toEqual({ model: "m", keyId: "key_1", route: "fast" });
    const first = await send("GET /calls?outcome=error&limit=1");
    expect(first.json.data.map(({ id }: { id: string }) => id)).toEqual(["call_10"]);
    const second = await send(`GET /calls?outcome=error&limit=5&before=${first.json.next}`);
    expect(second.json).toMatchObject({ data: [{ id: "call_5" }], next: null });
  });

  test("an outcome that is rare is looked for in bounded steps", async () => {
    const { send } = setUp({ calls: 5_100 });
    const { json } = await send("GET /calls?outcome=aborted");
    expect(json.data).toEqual([]);
    expect(json.next).toEndWith(".call_101");
    expect((await send(`GET /calls?outcome=aborted&before=${json.next}`)).json).toEqual({ data: [], next: null });
  });

  test("shows a call with decision and attempts, costs in USD", async () => {
    const { send } = setUp();
    const { json } = await send("GET /calls/call_1");
    expect(json).toMatchObject({ costUsd: 0.00002, chargeUsd: 0.00001, decision: { strategy: "priority" } });
    expect(json.attempts[0]).toMatchObject({ target: "cloud/m", costUsd: 0.00002 });
    expect((await send("GET /calls/call_99")).status).toBe(404);
  });

  const ranges: readonly [string, object][] = [
    ["", { groupBy: "model" }],
    ["?by=day&since=7d", { groupBy: "day", since: now - 7 * 86_400_000 }],
    ["?since=90m", { groupBy: "model", since: now - 90 * 60_000 }],
    [
      "?since=2026-11-01&until=2026-11-02",
      { groupBy: "model", since: Date.UTC(2026, 10, 1), until: Date.UTC(2026, 10, 2) },
    ],
    ["?since=2026-11-01T12:00:00%2B02:00", { groupBy: "model", since: Date.UTC(2026, 10, 1, 10) }],
  ];
  for (const [query, expected] of ranges)
    test(`sums usage up: ${query}`, async () => {
      const { send, asked } = setUp();
      expect((await send(`GET /usage${query}`)).json.data).toMatchObject([{ group: "m", costUsd: 1.5 }]);
      expect(asked).toEqual([expected]);
    });
});

describe("the system", () => {
  test("shows routes, configuration and status", async () => {
    const { send } = setUp();
    expect((await send("GET /routes")).json.data).toMatchObject([{ name: "fast", targets: [{ id: "cloud/m" }] }]);
    expect((await send("GET /config")).json.data[1]).toMatchObject({ value: "[secret]", reference: "env:CLOUD_KEY" });
    expect((await send("GET /status")).json).toMatchObject({
      startedAt: new Date(now).toISOString(),
      uptimeSeconds: 1.5,
    });
  });

  test("reloads, or says why not", async () => {
    expect((await setUp().send("POST /reload")).json).toEqual({ changed: true });
    const reload = { ok: false, problems: ["config.yaml:3: routes.fast has no targets."] } as const;
    const { status, json } = await setUp({ reload }).send("POST /reload");
    expect(status).toBe(422);
    expect(json.error.message).toContain("config.yaml:3");
  });
});

describe("policies", () => {
  test("are shown, held, rolled back and promoted", async () => {
    const { send, acts } = setUp();
    expect((await send("GET /routes/auto/policy")).json).toMatchObject({ served: "newest", rewards: 600 });
    expect((await send("POST /routes/auto/policy/freeze")).json.served).toBe(1);
    expect((await send("POST /routes/auto/policy/rollback", { body: { version: 7 } })).json.served).toBe(7);
    const promoted = await send("POST /routes/auto/policy/promote", { body: { share: 0.1 } });
    expect(promoted.json.canary).toMatchObject({ share: 0.1, minCalls: 200, newest: { calls: 3 } });
    expect(acts.at(-1)?.noted).toEqual({
      before: { served: 7, canary: null },
      after: { served: "newest", canary: { share: 0.1, minCalls: 200 } },
    });
    expect((await send("POST /routes/auto/policy/unfreeze")).json.canary).toBeNull();
  });

  test.each([
    ["GET /routes/other/policy", undefined, 404, "not_found"],
    ["POST /routes/other/policy/freeze", undefined, 404, "not_found"],
    ["POST /routes/auto/policy/promote", { share: 0.9 }, 400, "invalid_value"],
    ["POST /routes/auto/policy/rollback", { version: "one" }, 400, "invalid_value"],
    ["POST /routes/auto/policy/freeze", { version: 1 }, 400, "unsupported_parameter"],
  ])("%s with %j is refused", async (line, body, status, code) => {
    const { send } = setUp();
    expect(await send(line, body === undefined ? {} : { body })).toMatchObject({ status, code });
  });
});
