import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { administer, ask, chat, eventually, hello, send } from "./ask.ts";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      routes: { fast: { targets: ["mock/mock-echo"] }, other: { targets: ["mock/mock-llama"] } },
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await gateway.dispose();
});

const make = async (fields: object = {}): Promise<{ id: string; key: string }> => {
  const { status, body, text } = await administer(gateway, "/keys", { body: { name: "one", ...fields } });
  expect(status, text).toBe(201);
  return body;
};
const statusOf = async (key: string, model: string, path = chat): Promise<number> =>
  (await ask(gateway, path, { key, body: { ...hello(model), max_tokens: 10 } })).status;

describe("what a key may do", () => {
  const cases: readonly (readonly [string, object, readonly string[], readonly string[]])[] = [
    ["everything", {}, ["fast", "other", "mock/mock-echo", "mock-llama"], []],
    ["routes", { routes: ["fast"] }, ["fast"], ["other", "mock/mock-echo", "mock-echo", "mock-llama"]],
    [
      "models",
      { models: ["mock/mock-echo"] },
      ["fast", "mock/mock-echo", "mock-echo"],
      ["mock/mock-llama", "mock-llama"],
    ],
    ["models by bare name", { models: ["mock-llama"] }, ["mock/mock-llama"], ["mock/mock-echo"]],
    ["both", { routes: ["fast"], models: ["mock-echo"] }, ["fast", "mock-echo"], ["other", "mock-llama"]],
  ];
  test.each(cases.map((one) => [...one] as const))("a key for %s", async (_, scope, allowed, forbidden) => {
    const { key } = await make(scope);
    for (const path of [chat, "/v1/messages"]) {
      for (const model of allowed) expect(await statusOf(key, model, path), model).toBe(200);
      for (const model of forbidden) expect(await statusOf(key, model, path), model).toBe(403);
    }
    const { body } = await ask(gateway, "/v1/models", { key });
    const ids: readonly string[] = body.data.map(({ id }: { id: string }) => id);
    for (const model of forbidden) expect(ids).not.toContain(model);
    // The field that names a route in the body is no way around it.
    for (const route of forbidden) {
      const answer = await ask(gateway, chat, { key, body: { ...hello(allowed[0] ?? ""), route } });
      expect(answer.status, route).toBe(403);
    }
  });

  test("a route is no way to a model that the key may not use", async () => {
    const { key } = await make({ routes: ["fast", "other"], models: ["mock-llama"] });
    expect(await statusOf(key, "other")).toBe(200);
    expect(await statusOf(key, "fast")).toBe(403);
  });

  test("a developer's key does not administer", async () => {
    const { key } = await make();
    for (const [method, path] of [
      ["GET", "/keys"],
      ["POST", "/keys"],
      ["GET", "/calls"],
      ["PUT", "/providers/x"],
      ["POST", "/reload"],
      ["GET", "/config"],
    ] as const) {
      const body = method === "GET" ? {} : { body: { name: "wider", role: "admin" } };
      expect((await ask(gateway, `/admin/v1${path}`, { method, key, ...body })).status, path).toBe(403);
    }
  });

  test.each([
    ["an unknown field", { name: "x", spend: 0 }],
    ["an unknown role", { name: "x", role: "owner" }],
    ["no name", {}],
  ])("a request with %s makes no key", async (_, body) => {
    expect((await administer(gateway, "/keys", { body })).status).toBe(400);
  });
});

describe("refusals", () => {
  test.each([
    ["none", {}, "missing_api_key"],
    ["an unknown key", { authorization: "Bearer ir-unknown" }, "invalid_api_key"],
    ["SQL", { authorization: "Bearer ' OR 1=1 --" }, "invalid_api_key"],
    ["a token of the machine that is wrong", { authorization: "Bearer local-xyz" }, "invalid_api_key"],
    ["another scheme", { authorization: "Basic YTpi" }, "invalid_api_key"],
    ["SQL in the other header", { "x-api-key": "' OR 1=1 --" }, "invalid_api_key"],
  ])("%s: 401 with one message", async (_, headers, code) => {
    await make();
    const { status, body } = await ask(gateway, chat, { headers, body: hello("fast") });
    expect(status).toBe(401);
    expect(body.error).toMatchObject({ code, type: "authentication_error" });
  });

  test("a body is not read for a stranger", async () => {
    const { status } = await ask(gateway, chat, { key: "wrong", body: "{" });
    expect(status).toBe(401);
  });
});

describe("the life of a key", () => {
  test("rotated: the new one works, the old one ends", async () => {
    const { id, key } = await make({ routes: ["fast"] });
    const { status, body } = await administer(gateway, `/keys/${id}/rotate`, { method: "POST" });
    expect(status).toBe(201);
    expect(body.rotatedFrom).toBe(id);
    expect(body.routes).toEqual(["fast"]);
    expect(await statusOf(body.key, "fast")).toBe(200);
    expect(await statusOf(key, "fast")).toBe(401);
  });

  test("rotated with an overlap: both work", async () => {
    const { id, key } = await make();
    const { body } = await administer(gateway, `/keys/${id}/rotate`, { body: { overlapSeconds: 60 } });
    expect(await statusOf(body.key, "fast")).toBe(200);
    expect(await statusOf(key, "fast")).toBe(200);
  });

  test("expired: refused", async () => {
    const { key } = await make({ expiresAt: new Date(Date.now() + 700).toISOString() });
    expect(await statusOf(key, "fast")).toBe(200);
    await eventually("the key has expired", async () => (await statusOf(key, "fast")) === 401);
  });

  test("revoked: refused within a second, and an open stream ends within one, without the key in it", async () => {
    const { id, key } = await make();
    const messages = [{ role: "user", content: "one two three four five six seven eight nine ten" }];
    const response = await send(gateway, chat, {
      key,
      body: { ...hello("fast"), messages, stream: true, mock: { tokensPerSecond: 2 } },
    });
    expect(response.status).toBe(200);
    expect((await administer(gateway, `/keys/${id}/revoke`, { method: "POST" })).status).toBe(200);
    const revokedAt = performance.now();
    await eventually("the key is refused", async () => (await statusOf(key, "fast")) === 401);
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
    const text = await response.text();
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
    expect(text).toContain('"code":"invalid_api_key"');
    expect(text).not.toContain("[DONE]");
    expect(text).not.toContain(key);
    expect(text).not.toContain(id);
  });

  test("calls stand under the key's id, and the key itself nowhere", async () => {
    const { id, key } = await make();
    await statusOf(key, "fast");
    const { body } = await administer(gateway, `/calls?key=${id}`);
    expect(body.data).toHaveLength(1);
    const files = readdirSync(gateway.dataFolder, { recursive: true })
      .map((name) => join(gateway.dataFolder, String(name)))
      .filter((path) => statSync(path).isFile());
    expect(files.length).toBeGreaterThan(2);
    for (const path of files) expect(readFileSync(path, "latin1").includes(key), path).toBe(false);
    const listed = await administer(gateway, "/keys");
    expect(listed.text).not.toContain(key);
  });
});
