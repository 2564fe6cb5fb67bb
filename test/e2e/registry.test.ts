import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startAnthropicUpstream } from "../support/upstream-anthropic.ts";
import { startOpenaiUpstream } from "../support/upstream-openai.ts";
import type { FakeUpstream } from "../support/upstream-server.ts";
import { administer, ask, chat, hello, presentTag } from "./ask.ts";

let gateway: RunningGateway;
let first: FakeUpstream;
let second: FakeUpstream;
beforeAll(async () => {
  first = startOpenaiUpstream();
  second = startAnthropicUpstream();
  gateway = await startGateway({
    configuration: { providers: { fixed: { kind: "openai", baseUrl: `${first.url}/v1`, apiKey: "from-the-file" } } },
  });
});
afterAll(async () => {
  await gateway.stop();
  await gateway.dispose();
  await first.stop();
  await second.stop();
});

const put = (path: string, body: object, headers: Record<string, string> = {}) =>
  administer(gateway, path, { method: "PUT", body, headers });
/** In the place of what is there. */
const replace = async (path: string, body: object) => put(path, body, await presentTag(gateway, path));
const call = (model: string) => ask(gateway, chat, { body: hello(model) });

describe("providers that are added while the program runs", () => {
  test("are there for the next call, changed for the next one, and gone for the one after", async () => {
    expect((await call("added/claude-sonnet-4-5")).status).toBe(404);
    const made = await put("/providers/added", { kind: "anthropic", baseUrl: second.url, apiKey: "sk-canary-added" });
    expect(made.status, made.text).toBe(200);
    expect(made.text).not.toContain("sk-canary-added");
    expect((await call("added/claude-sonnet-4-5")).status).toBe(200);
    expect(second.last().headers["x-api-key"]).toBe("sk-canary-added");

    const changed = { kind: "openai", baseUrl: `${first.url}/v1`, apiKey: "sk-canary-other" };
    expect((await replace("/providers/added", changed)).status).toBe(200);
    expect((await call("added/gpt-4.1-mini")).status).toBe(200);
    expect(first.last().headers["authorization"]).toBe("Bearer sk-canary-other");

    expect((await replace("/providers/added", { ...changed, enabled: false })).status).toBe(200);
    expect((await call("added/gpt-4.1-mini")).status).toBe(404);
    expect((await administer(gateway, "/providers/added", { method: "DELETE" })).status).toBe(204);
    expect((await call("added/gpt-4.1-mini")).status).toBe(404);
    expect(gateway.logs()).not.toContain("sk-canary");
  });

  test("are refused with an option that their kind does not know, and disturb nobody", async () => {
    const settings = { kind: "openai", baseUrl: `${first.url}/v1`, options: { password: "x" } };
    const refused = await put("/providers/odd", settings);
    expect(refused.status, refused.text).toBe(400);
    expect(refused.text).toContain("password");
    const listed = await administer(gateway, "/providers");
    expect([listed.status, listed.text.includes('"odd"')]).toEqual([200, false]);
    expect((await call("fixed/gpt-4.1-mini")).status).toBe(200);
  });

  test("keep their key where a change does not name one", async () => {
    const settings = { kind: "openai", baseUrl: `${first.url}/v1` };
    await put("/providers/kept", { ...settings, apiKey: "sk-kept" });
    const changed = await replace("/providers/kept", { ...settings, priority: 5 });
    expect(changed.body).toMatchObject({ priority: 5, hasKey: true });
    await call("kept/gpt-4.1-mini");
    expect(first.last().headers["authorization"]).toBe("Bearer sk-kept");
  });

  test("send no key to an address that it was not given for", async () => {
    await put("/providers/moved", { kind: "openai", baseUrl: `${first.url}/v1`, apiKey: "sk-bound" });
    const elsewhere = { kind: "openai", baseUrl: `${second.url}/v1` };
    for (const body of [elsewhere, { ...elsewhere, apiKey: "[secret]" }]) {
      const answer = await replace("/providers/moved", body);
      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject({ code: "missing_required_parameter", param: "apiKey" });
    }
    await call("moved/gpt-4.1-mini");
    expect(JSON.stringify(second.received().map(({ headers }) => headers))).not.toContain("sk-bound");
    expect((await replace("/providers/moved", { ...elsewhere, apiKey: null })).status).toBe(200);
  });

  test("can be tested, and say what they serve", async () => {
    const { status, body } = await administer(gateway, "/providers/fixed/test", { method: "POST" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: true, models: ["gpt-4.1-mini"], error: null });
  });

  test("of the file are read only", async () => {
    const answer = await put("/providers/fixed", { kind: "openai", baseUrl: "https://elsewhere.example/v1" });
    expect(answer.status).toBe(409);
    expect((await administer(gateway, "/providers/fixed", { method: "DELETE" })).status).toBe(409);
  });

  test("are changed only by who knows their revision, whether they are in use or turned off", async () => {
    for (const enabled of [true, false]) {
      const settings = { kind: "openai", baseUrl: `${first.url}/v1`, enabled };
      const path = `/providers/revised-${enabled}`;
      const made = await put(path, settings);
      const shown = await administer(gateway, path);
      const etag = made.headers.get("etag") ?? "";
      expect([etag, shown.headers.get("etag"), made.body.revision]).toEqual(['"1"', '"1"', 1]);
      const unsaid = await put(path, settings);
      expect([unsaid.status, unsaid.body.error.code]).toEqual([428, "precondition_required"]);
      expect((await put(path, settings, { "if-match": etag })).headers.get("etag")).toBe('"2"');
      const stale = await put(path, settings, { "if-match": etag });
      expect([stale.status, stale.body.error.code]).toEqual([412, "precondition_failed"]);
      const remove = (headers: Record<string, string>) => administer(gateway, path, { method: "DELETE", headers });
      expect((await remove({ "if-match": etag })).status).toBe(412);
      expect((await remove({ "if-match": '"2"' })).status).toBe(204);
      expect((await put(path, settings, { "if-match": '"2"' })).status).toBe(412);
    }
  });

  test("of many changes from one revision one is made, and of many that add one", async () => {
    const settings = { kind: "openai", baseUrl: `${first.url}/v1`, enabled: false };
    const statuses = async (headers: Record<string, string>) =>
      (
        await Promise.all(
          Array.from({ length: 8 }, (_, priority) => put("/providers/raced", { ...settings, priority }, headers)),
        )
      ).map(({ status }) => status);
    const added = await statuses({});
    expect(added.filter((status) => status === 200)).toHaveLength(1);
    expect(added.filter((status) => status === 412 || status === 428)).toHaveLength(7);
    const changed = await statuses({ "if-match": '"1"' });
    expect(changed.toSorted()).toEqual([200, 412, 412, 412, 412, 412, 412, 412]);
  });

  test("that are turned off can be changed although a variable has one of that name", async () => {
    const own = await startGateway({
      configuration: { discovery: { environment: true } },
      environment: { OPENAI_API_KEY: "sk-of-the-environment" },
    });
    try {
      const body = { kind: "openai", baseUrl: `${first.url}/v1`, apiKey: "sk-own", enabled: false };
      const path = "/providers/openai";
      expect((await administer(own, path, { method: "PUT", body })).status).toBe(200);
      const headers = await presentTag(own, path);
      expect(headers).toEqual({ "if-match": '"1"' });
      expect((await administer(own, path, { method: "PUT", body, headers })).status).toBe(200);
    } finally {
      await own.stop();
      await own.dispose();
    }
  });

  test.each([
    ["a file", { kind: "openai", baseUrl: "file:///etc/passwd" }, "baseUrl"],
    ["credentials in the address", { kind: "openai", baseUrl: "http://user:pw@host/v1" }, "baseUrl"],
    ["a fragment", { kind: "openai", baseUrl: "http://host/v1#x" }, "baseUrl"],
    ["a query", { kind: "openai", baseUrl: "http://host/v1?a=b" }, "baseUrl"],
    ["no address", { kind: "openai", baseUrl: "localhost" }, "baseUrl"],
    ["an unknown kind", { kind: "opanai" }, null],
    ["an unknown field", { kind: "openai", basUrl: "http://host" }, "basUrl"],
  ])("are refused with %s", async (_, body, param) => {
    const answer = await put("/providers/bad", body);
    expect(answer.status, answer.text).toBe(400);
    expect(answer.body.error.param).toBe(param);
  });

  test.each(["a%2Fb", "..%2Fx", "a%00b", "%20", "-a"])("are refused under the name %s", async (name) => {
    const { status } = await put(`/providers/${name}`, { kind: "openai" });
    expect([400, 404]).toContain(status);
  });
});

describe("models that are added while the program runs", () => {
  test("have their price for the next call", async () => {
    const facts = { contextTokens: 1_000, price: { input: 1_000, output: 2_000 } };
    expect((await put("/models/fixed/house-model", { facts })).status).toBe(200);
    const { headers, status } = await call("fixed/house-model");
    expect(status).toBe(200);
    // 11 tokens in at 1,000 USD a million, 7 out at 2,000.
    expect(headers.get("x-intellirouter-cost")).toBe("0.025");
    const shown = await administer(gateway, "/models/fixed/house-model");
    expect(shown.body).toMatchObject({ id: "fixed/house-model", enabled: true, source: "database" });
  });

  test("are changed only by who knows their revision, whether their provider is in use or turned off", async () => {
    const provider = { kind: "openai", baseUrl: `${first.url}/v1` };
    await put("/providers/idle", { ...provider, enabled: false });
    for (const path of ["/models/fixed/revised", "/models/idle/revised"]) {
      const made = await put(path, { facts: { contextTokens: 5 } });
      const shown = await administer(gateway, path);
      expect([made.headers.get("etag"), shown.headers.get("etag")]).toEqual(['"1"', '"1"']);
      expect((await put(path, { facts: {} })).status).toBe(428);
      expect((await put(path, { facts: {} }, { "if-match": '"1"' })).status).toBe(200);
      expect((await put(path, { facts: {} }, { "if-match": '"1"' })).status).toBe(412);
      const remove = (headers: Record<string, string>) => administer(gateway, path, { method: "DELETE", headers });
      expect((await remove({ "if-match": '"1"' })).status).toBe(412);
      expect((await remove({ "if-match": '"2"' })).status).toBe(204);
    }
    await administer(gateway, "/providers/idle", { method: "DELETE" });
    const { body } = await administer(gateway, "/models?search=revised");
    expect(body.data).toEqual([]);
  });

  test("that were hidden are not there", async () => {
    await put("/models/fixed/hidden-model", { facts: {}, enabled: false });
    expect((await call("fixed/hidden-model")).status).toBe(404);
    expect((await administer(gateway, "/models/fixed/hidden-model", { method: "DELETE" })).status).toBe(204);
    expect((await call("fixed/hidden-model")).status).toBe(200);
  });

  test("with a small window take no large prompt", async () => {
    await put("/models/fixed/small-model", { facts: { contextTokens: 10 } });
    const { status, body } = await ask(gateway, chat, {
      body: { model: "fixed/small-model", messages: [{ role: "user", content: "word ".repeat(500) }] },
    });
    expect(status).toBe(400);
    expect(body.error.code).toBe("context_length_exceeded");
  });
});
