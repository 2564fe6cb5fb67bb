import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { administer, ask, chat, eventually, hello, send } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

const audience = "gateway";
let gateway: RunningGateway;
let issuer: string;
let privateKey: CryptoKey;
let keys: readonly object[] = [];
let fetches = 0;
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: () => {
    fetches += 1;
    return Response.json({ keys });
  },
});

beforeAll(async () => {
  const pair = await generateKeyPair("ES256", { extractable: true });
  privateKey = pair.privateKey;
  keys = [{ ...(await exportJWK(pair.publicKey)), kid: "one" }];
  issuer = String(server.url);
  const claims = { tenant: "tenant", role: "role", priority: "tier" };
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      routes: { fast: { targets: ["mock/mock-echo"] } },
      auth: {
        guessing: { perAddress: 1_000 },
        jwt: [{ issuer, audience, jwksUrl: `${issuer}keys`, claims }],
      },
      limits: [{ scope: "tenant", match: "acme", requests: 1_000_000, per: "day", shares: { low: 0.5 } }],
    },
  });
  await administer(gateway, "/tenants", { body: { id: "acme" } });
});
afterAll(async () => {
  await gateway.dispose();
  await server.stop(true);
});

const sign = (claims: object = {}, life = 600): Promise<string> => {
  const now = Math.floor(Date.now() / 1_000);
  const all = { iss: issuer, aud: audience, sub: "ada", tenant: "acme", role: "developer", iat: now, exp: now + life };
  return new SignJWT({ ...all, ...claims }).setProtectedHeader({ alg: "ES256", kid: "one" }).sign(privateKey);
};
const message = { model: "fast", max_tokens: 5, messages: [{ role: "user", content: "hi" }] };

describe("a token", () => {
  test("lets in on every surface, in either header, and its calls stand under who calls", async () => {
    const token = await sign();
    for (const headers of [{ authorization: `Bearer ${token}` }, { "x-api-key": token }] as Record<string, string>[]) {
      expect((await ask(gateway, chat, { headers, body: hello("fast") })).status).toBe(200);
      expect((await ask(gateway, "/v1/messages", { headers, body: message })).status).toBe(200);
      expect((await ask(gateway, "/v1/models", { headers })).status).toBe(200);
    }
    expect(fetches).toBe(1);
    const { body } = await administer(gateway, `/calls?key=${encodeURIComponent(`jwt:${issuer}#ada`)}`);
    expect(body.data).toHaveLength(4);
    expect(body.data[0].tenant).toBe("acme");
  });

  test("administers what its role and tenant allow", async () => {
    const viewer = await sign({ role: "viewer" });
    const admin = await sign({ role: "admin" });
    expect((await ask(gateway, "/admin/v1/keys", { key: viewer })).status).toBe(200);
    expect((await ask(gateway, "/admin/v1/keys", { key: viewer, body: { name: "x" } })).status).toBe(403);
    const made = await ask(gateway, "/admin/v1/keys", { key: admin, body: { name: "x" } });
    expect(made.body).toMatchObject({ tenant: "acme", everywhere: false });
    expect((await ask(gateway, "/admin/v1/providers", { key: admin })).status).toBe(403);
    expect((await ask(gateway, "/admin/v1/tenants/default", { key: admin })).status).toBe(404);
    const platform = await sign({ role: "admin", tenant: "default" });
    expect((await ask(gateway, "/admin/v1/providers", { key: platform })).status).toBe(403);
  });

  test.each([
    [{}, "1000000"],
    [{ tier: "low" }, "500000"],
    [{ tier: "high" }, "1000000"],
    [{ tier: "urgent" }, "1000000"],
    [{ tier: 3 }, "1000000"],
  ])("with %j has the limits of its priority", async (claims, limit) => {
    const { headers } = await ask(gateway, chat, { key: await sign(claims), body: hello("fast") });
    expect(headers.get("x-ratelimit-limit-requests")).toBe(limit);
  });

  test("makes no key of a higher priority than its own", async () => {
    const statusOf = async (tier: string, priority: string) => {
      const key = await sign({ role: "admin", tier });
      return (await ask(gateway, "/admin/v1/keys", { key, body: { name: "x", priority } })).status;
    };
    expect([await statusOf("normal", "high"), await statusOf("high", "high")]).toEqual([403, 201]);
  });

  test("is refused with one answer, whatever is wrong with it", async () => {
    const good = await sign();
    const [head = "", payload = ""] = good.split(".");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    const wrong = [
      ...[await sign({ aud: "other" }), await sign({ iss: "https://evil.example" }), await sign({}, -100)],
      ...[
        await sign({ tenant: "nowhere" }),
        `${none}.${payload}.`,
        `${head}.${payload}.AAAA`,
        `${good.slice(0, -4)}AAAA`,
      ],
      ...["eyJ.eyJ.eyJ", `eyJ${"a".repeat(20_000)}.b.c`],
    ];
    const answers = new Set<string>();
    for (const [index, token] of wrong.entries())
      for (const headers of [{ authorization: `Bearer ${token}` }, { "x-api-key": token }] as Record<
        string,
        string
      >[]) {
        const { status, body } = await ask(gateway, chat, { headers, body: hello("fast") });
        expect(status, String(index)).toBe(401);
        answers.add(JSON.stringify(body));
      }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toContain("invalid_api_key");
  });

  test("that expires ends its open stream", async () => {
    const leewaySeconds = 30;
    const key = await sign({}, 2 - leewaySeconds);
    const messages = [{ role: "user", content: "one two three four five six seven eight nine ten" }];
    const body = { ...hello("fast"), messages, stream: true, mock: { tokensPerSecond: 1 } };
    const response = await send(gateway, chat, { key, body });
    expect(response.status).toBe(200);
    const began = performance.now();
    const text = await response.text();
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(text).toContain("invalid_api_key");
    expect(text).not.toContain(key);
  });
});

test("a door that stands open while nobody has a key is shut where tokens are asked for", async () => {
  expect((await ask(gateway, chat, { body: hello("fast") })).status).toBe(401);
});

test("another configuration holds at once: an issuer that is taken out is nobody's", async () => {
  const file = join(gateway.dataFolder, "intellirouter.yaml");
  const before = readFileSync(file, "utf8");
  const key = await sign();
  const statusOf = async () => (await ask(gateway, "/v1/models", { key })).status;
  expect(await statusOf()).toBe(200);
  await administer(gateway, "/keys", { body: { name: "one" } });
  writeFileSync(file, before.replace(/\bjwt:/, "jwt: []\n#").replace(/"jwt":\[.*?\}\]/, '"jwt":[]'));
  await eventually("the issuer is forgotten", async () => {
    await administer(gateway, "/reload", { method: "POST" });
    return (await statusOf()) === 401;
  });
  writeFileSync(file, before);
  await administer(gateway, "/reload", { method: "POST" });
  expect(await statusOf()).toBe(200);
});
