import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { administer, ask, chat, hello } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      routes: { fast: { targets: ["mock/mock-echo", "mock/mock-llama"], strategy: { kind: "priority" } } },
    },
  });
});
afterAll(() => gateway.dispose());

const make = async (fields: object): Promise<{ id: string; key: string; revision: number }> => {
  const { status, body, text } = await administer(gateway, "/keys", { body: { name: "one", ...fields } });
  expect(status, text).toBe(201);
  return body;
};
const call = (key: string, model = "fast") => ask(gateway, chat, { key, body: { ...hello(model), max_tokens: 5 } });
const statuses = async (key: string, times: number) => {
  const all: number[] = [];
  for (let count = 0; count < times; count++) all.push((await call(key)).status);
  return all;
};

describe("limits of a key's own", () => {
  test("hold for that key alone, without any rule in the configuration", async () => {
    const limited = await make({ limits: [{ requests: 2, per: "hour" }] });
    const free = await make({});
    const answer = await call(limited.key);
    expect(answer.headers.get("x-ratelimit-limit-requests")).toBe("2");
    expect(await statuses(limited.key, 2)).toEqual([200, 429]);
    const other = await call(free.key);
    expect(other.status).toBe(200);
    expect(other.headers.get("x-ratelimit-limit-requests")).toBeNull();
  });

  test("are changed, and counts stay", async () => {
    const { id, key, revision } = await make({ limits: [{ requests: 1, per: "hour" }] });
    expect(await statuses(key, 2)).toEqual([200, 429]);
    const body = { limits: [{ requests: 3, per: "hour" }] };
    const headers = { "if-match": `"${revision}"` };
    expect((await administer(gateway, `/keys/${id}`, { method: "PATCH", body, headers })).status).toBe(200);
    expect(await statuses(key, 3)).toEqual([200, 200, 429]);
  });

  test.each([
    [{ limits: [] }, "limits"],
    [{ limits: [{ per: "hour" }] }, "limits.0"],
    [{ limits: [{ requests: 5 }] }, "limits.0.per"],
    [{ limits: [{ concurrent: 5, per: "hour" }] }, "limits.0.per"],
    [{ limits: [{ requests: 0, per: "hour" }] }, "limits.0.requests"],
    [{ allowedAddresses: [] }, "allowedAddresses"],
    [{ allowedAddresses: ["10.0.0.1/8"] }, "allowedAddresses.0"],
    [{ allowedAddresses: ["::1", "everywhere"] }, "allowedAddresses.1"],
    [{ profile: { strategy: "best" } }, "profile.strategy"],
  ])("%j is refused", async (fields, param) => {
    const { status, body } = await administer(gateway, "/keys", { body: { name: "one", ...fields } });
    expect(status).toBe(400);
    expect(body.error.param).toBe(param);
  });
});

describe("changes of a key", () => {
  test("hold for the one that takes its place, and bring none back to life", async () => {
    const scope = { allowedAddresses: ["127.0.0.1"], limits: [{ concurrent: 3 }], profile: { routing: false } };
    const old = await make({ ...scope, everywhere: false });
    const rotated = await administer(gateway, `/keys/${old.id}/rotate`, { body: { overlapSeconds: 60 } });
    expect(rotated.body).toMatchObject({ ...scope, everywhere: false, revision: 1 });
    const { headers } = await administer(gateway, `/keys/${old.id}`);
    const revive = await administer(gateway, `/keys/${old.id}`, {
      ...{ method: "PATCH", body: { expiresAt: null } },
      headers: { "if-match": headers.get("etag") ?? "" },
    });
    expect(revive.status).toBe(409);
  });
});

describe("addresses", () => {
  test("the socket's own counts, a forged header does not", async () => {
    const here = await make({ allowedAddresses: ["127.0.0.0/8"] });
    const elsewhere = await make({ allowedAddresses: ["203.0.113.0/24"] });
    expect((await call(here.key)).status).toBe(200);
    expect((await call(elsewhere.key)).status).toBe(401);
    for (const headers of [
      { "x-forwarded-for": "203.0.113.9" },
      { forwarded: "for=203.0.113.9" },
      { "x-real-ip": "203.0.113.9" },
      { host: "203.0.113.9" },
    ] as Record<string, string>[])
      expect((await ask(gateway, chat, { key: elsewhere.key, headers, body: hello("fast") })).status).toBe(401);
  });
});

describe("profiles", () => {
  const modelOf = async (key: string, model?: string) => {
    const answer = await call(key, model);
    return answer.status === 200 ? answer.headers.get("x-intellirouter-model") : answer.status;
  };

  test("denied models are left out of routes, of lists, and are refused by name", async () => {
    const { key } = await make({ profile: { deniedModels: ["mock-echo"] } });
    expect(await modelOf(key)).toBe("mock-llama");
    expect([await modelOf(key, "mock/mock-echo"), await modelOf(key, "mock-echo")]).toEqual([403, 403]);
    const { body } = await ask(gateway, "/v1/models", { key });
    const ids = body.data.map(({ id }: { id: string }) => id);
    expect(ids).toContain("mock/mock-llama");
    expect(ids).not.toContain("mock/mock-echo");
  });

  test("a fixed model answers whatever is asked for, as far as the key may use it", async () => {
    const { key } = await make({ profile: { model: "mock/mock-llama" } });
    expect([await modelOf(key), await modelOf(key, "no such model")]).toEqual(["mock-llama", "mock-llama"]);
    const bound = await make({ models: ["mock-echo"], profile: { model: "mock/mock-llama" } });
    expect(await modelOf(bound.key, "mock-echo")).toBe(403);
  });

  test("without routing there are models only", async () => {
    const { key } = await make({ profile: { routing: false } });
    expect([await modelOf(key), await modelOf(key, "mock-llama")]).toEqual([403, "mock-llama"]);
  });

  test("a strategy takes the place of the route's", async () => {
    const { key } = await make({ profile: { strategy: "round-robin" } });
    const answers = new Set<unknown>();
    for (let count = 0; count < 4; count++) answers.add(await modelOf(key));
    expect(answers).toEqual(new Set(["mock-echo", "mock-llama"]));
    const plain = await make({});
    expect(await modelOf(plain.key)).toBe("mock-echo");
  });
});

describe("what a key is bound to, keys that it makes are bound to", () => {
  const limits = [{ requests: 100, per: "hour" }];
  const cases: readonly (readonly [own: object, wanted: object, status: number])[] = [
    [{ allowedAddresses: ["127.0.0.0/8"] }, {}, 403],
    [{ allowedAddresses: ["127.0.0.0/8"] }, { allowedAddresses: ["127.0.0.1"] }, 201],
    [{ allowedAddresses: ["127.0.0.0/8"] }, { allowedAddresses: ["127.0.0.1", "10.0.0.1"] }, 403],
    [{ limits }, {}, 403],
    [{ limits }, { limits: [{ requests: 101, per: "hour" }] }, 403],
    [{ limits }, { limits: [{ requests: 5, per: "minute" }] }, 403],
    [{ limits }, { limits: [{ requests: 100, tokens: 5, per: "hour" }] }, 201],
    [{ profile: { deniedModels: ["mock-echo"] } }, {}, 403],
    [{ profile: { deniedModels: ["mock-echo"] } }, { profile: { deniedModels: ["mock-echo"] } }, 201],
  ];
  test.each(cases)("%j makes %j: %d", async (own, wanted, status) => {
    const { key } = await make({ role: "admin", ...own });
    expect((await ask(gateway, "/admin/v1/keys", { key, body: { name: "child", ...wanted } })).status).toBe(status);
  });

  test("no key changes itself, nor one that reaches further, nor lets one reach further", async () => {
    const own = await make({ role: "admin", routes: ["fast"] });
    const wide = await make({ role: "admin" });
    const narrow = await make({ role: "developer", routes: ["fast"] });
    const change = async (id: string, body: object) =>
      (
        await ask(gateway, `/admin/v1/keys/${id}`, {
          ...{ method: "PATCH", key: own.key, body },
          headers: { "if-match": '"1"' },
        })
      ).status;
    expect(await change(own.id, { name: "me" })).toBe(403);
    expect(await change(own.id, { routes: null })).toBe(403);
    expect(await change(wide.id, { routes: ["fast"] })).toBe(403);
    expect(await change(narrow.id, { routes: null })).toBe(403);
    expect(await change(narrow.id, { tenant: "other" })).toBe(400);
    expect(await change(narrow.id, { everywhere: true })).toBe(400);
    expect(await change(narrow.id, { limits })).toBe(200);
  });
});
