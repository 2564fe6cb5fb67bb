import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { administer, ask, chat, eventually, hello } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

const denied = { deniedModels: ["mock-echo"] };
let gateway: RunningGateway;
let issuer: string;
let privateKey: CryptoKey;
let published: readonly object[] = [];
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json({ keys: published }) });

const made = async (path: string, body: object) => {
  const answer = await administer(gateway, path, { body });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};

beforeAll(async () => {
  const pair = await generateKeyPair("ES256", { extractable: true });
  privateKey = pair.privateKey;
  published = [{ ...(await exportJWK(pair.publicKey)), kid: "one" }];
  issuer = String(server.url);
  const claims = { tenant: "tenant", team: "team", role: "role" };
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      routes: { fast: { targets: ["mock/mock-echo", "mock/mock-llama"], strategy: { kind: "priority" } } },
      auth: { jwt: [{ issuer, audience: "gateway", jwksUrl: `${issuer}keys`, claims }] },
    },
  });
  await made("/tenants", { id: "acme" });
  await made("/tenants/acme/teams", { id: "bound", profile: denied });
  await made("/tenants/acme/teams", { id: "likewise", profile: denied });
  await made("/tenants/acme/teams", { id: "free" });
});
afterAll(async () => {
  await gateway.dispose();
  await server.stop(true);
});

const teams = "/tenants/acme/teams";
const keyOf = async (fields: object): Promise<{ id: string; key: string }> =>
  made("/keys", { name: "one", tenant: "acme", ...fields });
const tokenOf = (claims: object): Promise<string> => {
  const now = Math.floor(Date.now() / 1_000);
  const all = { iss: issuer, aud: "gateway", sub: "ada", tenant: "acme", role: "developer", iat: now, exp: now + 600 };
  return new SignJWT({ ...all, ...claims }).setProtectedHeader({ alg: "ES256", kid: "one" }).sign(privateKey);
};
const modelOf = async (key: string, model = "fast") => {
  const answer = await ask(gateway, chat, { key, body: { ...hello(model), max_tokens: 5 } });
  return answer.status === 200 ? answer.headers.get("x-intellirouter-model") : answer.status;
};
/** Changes it as the platform's administrator does. */
const setProfile = async (team: string, profile: object | null) => {
  const { headers } = await administer(gateway, `${teams}/${team}`);
  const answer = await administer(gateway, `${teams}/${team}`, {
    ...{ method: "PATCH", body: { profile } },
    headers: { "if-match": headers.get("etag") ?? "" },
  });
  expect(answer.status, answer.text).toBe(200);
};

describe("a team's profile", () => {
  test("is shown, changed and taken away, and a rename leaves it alone", async () => {
    await made(teams, { id: "shown", profile: { ...denied, routing: false } });
    const { body } = await administer(gateway, `${teams}/shown`);
    expect(body.profile).toEqual({ ...denied, routing: false });
    await administer(gateway, `${teams}/shown`, {
      method: "PATCH",
      body: { name: "S" },
      headers: { "if-match": '"1"' },
    });
    expect((await administer(gateway, `${teams}/shown`)).body).toMatchObject({ name: "S", profile: denied });
    await setProfile("shown", null);
    expect((await administer(gateway, `${teams}/shown`)).body.profile).toBeNull();
    expect((await administer(gateway, `${teams}/free`)).body.profile).toBeNull();
  });

  test.each([
    [{ strategy: "best" }, "profile.strategy"],
    [{ deniedModels: [] }, "profile.deniedModels"],
    [{ models: ["a"] }, "profile.models"],
    ["none", "profile"],
  ] as const)("%j is refused", async (profile, param) => {
    const created = await administer(gateway, teams, { body: { id: "wrong", profile } });
    expect(created).toMatchObject({ status: 400, body: { error: { param } } });
    const headers = { "if-match": '"1"' };
    const changed = await administer(gateway, `${teams}/free`, { method: "PATCH", body: { profile }, headers });
    expect(changed).toMatchObject({ status: 400, body: { error: { param } } });
  });

  test("holds for keys and tokens of the team, and for no others", async () => {
    const { key } = await keyOf({ team: "bound" });
    for (const caller of [key, await tokenOf({ team: "bound" })]) {
      expect([await modelOf(caller), await modelOf(caller, "mock/mock-echo")]).toEqual(["mock-llama", 403]);
      const { body } = await ask(gateway, "/v1/models", { key: caller });
      expect(body.data.map(({ id }: { id: string }) => id)).not.toContain("mock/mock-echo");
      const body2 = { ...hello("fast"), routing: { force: "mock/mock-echo" } };
      expect((await ask(gateway, chat, { key: caller, body: body2 })).status).not.toBe(200);
    }
    const { key: free } = await keyOf({ team: "free" });
    for (const caller of [free, (await keyOf({})).key, await tokenOf({ team: "free" }), await tokenOf({})])
      expect(await modelOf(caller)).toBe("mock-echo");
    // A team of that name in another tenant is another team.
    await made("/tenants/default/teams", { id: "bound" });
    const elsewhere = await made("/keys", { name: "one", team: "bound" });
    expect(await modelOf(elsewhere.key)).toBe("mock-echo");
  });

  test("is joined with the key's: denied are both, and the team's word is the last", async () => {
    await made(teams, { id: "both", profile: denied });
    const { key } = await keyOf({ team: "both", profile: { deniedModels: ["mock-llama"] } });
    expect([await modelOf(key, "mock-echo"), await modelOf(key, "mock-llama")]).toEqual([403, 403]);
    await made(teams, { id: "fixed", profile: { model: "mock/mock-llama", routing: false } });
    const fixed = await keyOf({ team: "fixed", profile: { model: "mock/mock-echo", routing: true } });
    expect([await modelOf(fixed.key), await modelOf(fixed.key, "mock-echo")]).toEqual(["mock-llama", "mock-llama"]);
    await made(teams, { id: "unrouted", profile: { routing: false } });
    const unrouted = await keyOf({ team: "unrouted", profile: { routing: true } });
    expect([await modelOf(unrouted.key), await modelOf(unrouted.key, "mock-echo")]).toEqual([403, "mock-echo"]);
    await made(teams, { id: "turns", profile: { strategy: "round-robin" } });
    const turns = await keyOf({ team: "turns", profile: { strategy: "priority" } });
    const answers = new Set<unknown>();
    for (let count = 0; count < 4; count++) answers.add(await modelOf(turns.key));
    expect(answers).toEqual(new Set(["mock-echo", "mock-llama"]));
  });

  test("holds within a second of its change, for keys and tokens that were used before", async () => {
    await made(teams, { id: "changed" });
    const callers = [(await keyOf({ team: "changed" })).key, await tokenOf({ team: "changed" })];
    for (const [profile, expected] of [
      [denied, "mock-llama"],
      [{ model: "mock/mock-echo" }, "mock-echo"],
      [{ routing: false }, 403],
      [null, "mock-echo"],
    ] as const) {
      await setProfile("changed", profile);
      const changedAt = performance.now();
      for (const caller of callers)
        await eventually(`${JSON.stringify(profile)} holds`, async () => (await modelOf(caller)) === expected);
      expect(performance.now() - changedAt).toBeLessThan(1_000);
    }
  });

  test("stands in the audit log, before and after", async () => {
    await made(teams, { id: "audited", profile: denied });
    await setProfile("audited", { routing: false });
    const { body } = await administer(gateway, "/audit?limit=5");
    expect(body.data[0]).toMatchObject({ action: "team.update", objectId: "acme/audited" });
    expect(body.data[0].changes).toEqual([
      { field: "profile.deniedModels", before: '["mock-echo"]', after: null },
      { field: "profile.routing", before: null, after: "false" },
    ]);
  });
});

describe("nobody escapes his team's profile", () => {
  const admins = async (): Promise<readonly string[]> => [
    (await keyOf({ team: "bound", role: "admin" })).key,
    await tokenOf({ team: "bound", role: "admin" }),
  ];
  const send = (key: string, path: string, body: object, method = "POST", etag = '"1"') =>
    ask(gateway, `/admin/v1${path}`, { key, method, body, headers: { "if-match": etag } });

  test.each([
    [{ team: "bound" }, 201, ""],
    [{ team: "bound", profile: { deniedModels: ["mock-llama"], routing: false } }, 201, ""],
    [{}, 403, "team"],
    [{ team: null }, 403, "team"],
    [{ profile: denied }, 403, "team"],
    [{ team: "free" }, 403, "team"],
    [{ team: "free", profile: denied }, 403, "team"],
    [{ team: "likewise" }, 403, "team"],
    [{ team: "nowhere" }, 403, "team"],
  ] as const)("by a key %j: %d", async (fields, status, param) => {
    for (const key of await admins()) {
      const answer = await send(key, "/keys", { name: "child", ...fields });
      expect(answer.status, answer.text).toBe(status);
      if (status === 403) expect(answer.body.error.param).toBe(param);
      else expect(await modelOf(answer.body.key, "mock-echo")).toBe(403);
    }
  });

  test("by a change of a key: out of the team, or of one that was never in it", async () => {
    for (const key of await admins()) {
      const child = await send(key, "/keys", { name: "child", team: "bound" });
      for (const team of [null, "free", "likewise"])
        expect((await send(key, `/keys/${child.body.id}`, { team }, "PATCH")).status).toBe(403);
      const free = await keyOf({ team: "free" });
      for (const fields of [{ name: "mine" }, { team: "bound" }, { limits: null }])
        expect((await send(key, `/keys/${free.id}`, fields, "PATCH")).status).toBe(403);
      expect((await send(key, `/keys/${free.id}/rotate`, {})).status).toBe(403);
      expect((await send(key, `/keys/${child.body.id}/rotate`, {})).status).toBe(201);
    }
  });

  test("by a key of his own profile beside it", async () => {
    const own = await keyOf({ team: "bound", role: "admin", profile: { deniedModels: ["mock-llama"] } });
    expect((await send(own.key, "/keys", { name: "child", team: "bound" })).body.error.param).toBe("profile");
    const strict = { name: "child", team: "bound", profile: { deniedModels: ["mock-llama"] } };
    const child = await send(own.key, "/keys", strict);
    expect(child.status).toBe(201);
    expect((await send(own.key, `/keys/${child.body.id}`, { profile: null }, "PATCH")).status).toBe(403);
  });

  test("by another profile of his team, or of one that is to be made or opened", async () => {
    for (const key of await admins()) {
      for (const team of ["bound", "likewise"])
        for (const profile of [null, {}, { deniedModels: ["mock-llama"] }, { routing: false }])
          expect((await send(key, `${teams}/${team}`, { profile }, "PATCH")).body.error.param).toBe("profile");
      expect((await send(key, `${teams}/free`, { profile: denied }, "PATCH")).status).toBe(403);
      for (const body of [{ id: "way-out" }, { id: "way-out", profile: null }, { id: "way-out", profile: {} }])
        expect((await send(key, teams, body)).status).toBe(403);
    }
    const [key = ""] = await admins();
    expect((await send(key, `${teams}/likewise`, { name: "L" }, "PATCH")).status).toBe(200);
    const stricter = { profile: { deniedModels: ["mock-echo", "other"], routing: false } };
    expect((await send(key, `${teams}/likewise`, stricter, "PATCH", '"2"')).status).toBe(200);
    expect((await send(key, teams, { id: "as-strict", profile: denied })).status).toBe(201);
  });

  test("by removing his team and making it anew, while he is still remembered", async () => {
    await made(teams, { id: "removed", profile: denied });
    const key = await tokenOf({ team: "removed", role: "admin" });
    expect(await modelOf(key)).toBe("mock-llama");
    await ask(gateway, `/admin/v1${teams}/removed`, { key, method: "DELETE" });
    const again = await send(key, teams, { id: "removed" });
    expect([401, 403]).toContain(again.status);
    await made(teams, { id: "removed" });
  });

  test("by a user with a role, whose tokens name no team", async () => {
    const users = "/tenants/acme/users";
    const ada = await made(users, { name: "Ada", externalId: "somebody", role: "viewer" });
    for (const key of await admins()) {
      const fields = { name: "Eve", externalId: "eve", role: "admin" };
      expect((await send(key, users, fields)).body.error.param).toBe("role");
      for (const change of [{ role: "admin" }, { externalId: "eve" }])
        expect((await send(key, `${users}/${ada.id}`, change, "PATCH")).status).toBe(403);
    }
    const [key = ""] = await admins();
    expect((await send(key, users, { name: "Eve", teams: ["bound"] })).status).toBe(201);
    expect((await send(key, `${users}/${ada.id}`, { name: "Ada L." }, "PATCH")).status).toBe(200);
  });

  test("by the platform's own key of a bound team, in another tenant", async () => {
    await made("/tenants/default/teams", { id: "keepers", profile: denied });
    const { key } = await made("/keys", { name: "k", role: "admin", team: "keepers" });
    expect((await send(key, "/keys", { name: "x", tenant: "acme", team: "bound" })).body.error.param).toBe("team");
    expect((await send(key, "/keys", { name: "x", tenant: "acme" })).status).toBe(403);
    expect((await send(key, "/keys", { name: "x", team: "keepers" })).status).toBe(201);
  });
});
