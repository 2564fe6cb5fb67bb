import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adminRoutes } from "../../src/http/admin/routes/index.ts";
import { type Answer, administer, ask } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { endingsOf, rowsOf } from "./rows.ts";

let gateway: RunningGateway;
let file: string;
let good: string;
let developer: string;

/** Some provider that answers. */
const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json({ data: [] }) });

beforeAll(async () => {
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      providers: { filed: { kind: "openai-compatible", baseUrl: `${upstream.url}v1` } },
      routes: { auto: { targets: ["mock/mock-echo", "mock/mock-llama"], strategy: { kind: "learned" } } },
    },
  });
  file = join(gateway.dataFolder, "intellirouter.yaml");
  good = readFileSync(file, "utf8");
  developer = (await administer(gateway, "/keys", { body: { name: "developer" } })).body.key;
});
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop(true);
});

interface Sent {
  /** Below `/admin/v1`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** What must be there before. */
  readonly before?: () => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}
interface Expected {
  readonly status: number;
  readonly action: string;
  readonly objectId?: string;
  /** Of a refusal. */
  readonly code?: string;
  /** Names of the fields that the row tells of. */
  readonly fields?: readonly string[];
}
type Case = readonly [what: string, sent: Sent | (() => Promise<Sent>), expected: Expected];

const makeKey = async (): Promise<string> => (await administer(gateway, "/keys", { body: { name: "one" } })).body.id;
const makeUser = async (): Promise<string> =>
  (await administer(gateway, "/tenants/acme/users", { body: { name: "Bob" } })).body.id;
const idle = { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1", enabled: false };
const put = (path: string, body: unknown) => administer(gateway, path, { method: "PUT", body });
const stale = { "if-match": '"77"' };
const refused = (status: number, code: string, action: string): Expected => ({ status, code, action });

/** By operation. A route that changes something and stands in no case fails the test. */
const cases: Readonly<Record<string, readonly Case[]>> = {
  makeKey: [
    [
      "made",
      {
        path: "/keys",
        body: { name: "a", team: "x" },
        before: () => administer(gateway, "/tenants/default/teams", { body: { id: "x" } }),
      },
      { status: 201, action: "key.create", fields: ["name", "team", "role"] },
    ],
    ["refused: no name", { path: "/keys", body: {} }, refused(400, "missing_required_parameter", "key.create")],
    ["refused: no JSON", { path: "/keys", body: "{" }, refused(400, "invalid_json", "key.create")],
  ],
  changeKey: [
    [
      "changed",
      async () => ({
        path: `/keys/${await makeKey()}`,
        body: { limits: [{ concurrent: 2 }] },
        headers: { "if-match": '"1"' },
      }),
      { status: 200, action: "key.update", fields: ["limits"] },
    ],
    [
      "changed by somebody else",
      async () => ({ path: `/keys/${await makeKey()}`, body: { name: "x" }, headers: stale }),
      refused(412, "precondition_failed", "key.update"),
    ],
  ],
  rotateKey: [
    [
      "rotated",
      async () => ({ path: `/keys/${await makeKey()}/rotate` }),
      { status: 201, action: "key.rotate", fields: ["replacedBy", "expiresAt"] },
    ],
    ["unknown", { path: "/keys/key_nowhere/rotate" }, refused(404, "not_found", "key.rotate")],
    [
      "rotated before",
      async () => {
        const id = await makeKey();
        await administer(gateway, `/keys/${id}/rotate`, { body: { overlapSeconds: 60 } });
        return { path: `/keys/${id}/rotate` };
      },
      refused(409, "conflict", "key.rotate"),
    ],
  ],
  revokeKey: [
    [
      "revoked",
      async () => ({ path: `/keys/${await makeKey()}/revoke` }),
      { status: 200, action: "key.revoke", fields: ["revokedAt"] },
    ],
    ["unknown", { path: "/keys/key_nowhere/revoke" }, refused(404, "not_found", "key.revoke")],
  ],
  makeTenant: [
    [
      "made",
      { path: "/tenants", body: { id: "acme", name: "Acme" } },
      { status: 201, action: "tenant.create", objectId: "acme", fields: ["name"] },
    ],
    ["there already", { path: "/tenants", body: { id: "acme" } }, refused(409, "conflict", "tenant.create")],
  ],
  changeTenant: [
    [
      "changed",
      { path: "/tenants/acme", body: { name: "Acme Ltd" }, headers: { "if-match": '"1"' } },
      { status: 200, action: "tenant.update", objectId: "acme", fields: ["name"] },
    ],
    [
      "without its revision",
      { path: "/tenants/acme", body: { name: "x" } },
      refused(428, "precondition_required", "tenant.update"),
    ],
    [
      "changed by somebody else",
      { path: "/tenants/acme", body: { name: "x" }, headers: stale },
      refused(412, "precondition_failed", "tenant.update"),
    ],
  ],
  makeTeam: [
    [
      "made",
      { path: "/tenants/acme/teams", body: { id: "search" } },
      { status: 201, action: "team.create", objectId: "acme/search", fields: ["name"] },
    ],
    ["of nobody", { path: "/tenants/nowhere/teams", body: { id: "x" } }, refused(404, "not_found", "team.create")],
  ],
  changeTeam: [
    [
      "changed",
      { path: "/tenants/acme/teams/search", body: { name: "S" }, headers: { "if-match": '"1"' } },
      { status: 200, action: "team.update", objectId: "acme/search", fields: ["name"] },
    ],
    [
      "unknown",
      { path: "/tenants/acme/teams/none", body: { name: "S" }, headers: stale },
      refused(404, "not_found", "team.update"),
    ],
  ],
  makeUser: [
    [
      "made",
      { path: "/tenants/acme/users", body: { name: "Ada", email: "ada@acme.example", teams: ["search"] } },
      { status: 201, action: "user.create", fields: ["name", "email"] },
    ],
    [
      "in no team",
      { path: "/tenants/acme/users", body: { name: "Ada", teams: ["none"] } },
      refused(400, "invalid_value", "user.create"),
    ],
  ],
  changeUser: [
    [
      "changed",
      async () => ({
        path: `/tenants/acme/users/${await makeUser()}`,
        body: { role: "viewer" },
        headers: { "if-match": '"1"' },
      }),
      { status: 200, action: "user.update", fields: ["role"] },
    ],
    [
      "changed by somebody else",
      async () => ({ path: `/tenants/acme/users/${await makeUser()}`, body: { role: "viewer" }, headers: stale }),
      refused(412, "precondition_failed", "user.update"),
    ],
  ],
  deleteUser: [
    [
      "removed",
      async () => ({ path: `/tenants/acme/users/${await makeUser()}` }),
      { status: 204, action: "user.delete", fields: ["name"] },
    ],
    ["unknown", { path: "/tenants/acme/users/user_none" }, refused(404, "not_found", "user.delete")],
  ],
  deleteTeam: [
    [
      "in use",
      {
        path: "/tenants/acme/teams/search",
        before: () => administer(gateway, "/tenants/acme/users", { body: { name: "Cy", teams: ["search"] } }),
      },
      refused(409, "conflict", "team.delete"),
    ],
    [
      "removed",
      {
        path: "/tenants/acme/teams/idle",
        before: () => administer(gateway, "/tenants/acme/teams", { body: { id: "idle" } }),
      },
      { status: 204, action: "team.delete", objectId: "acme/idle", fields: ["name"] },
    ],
  ],
  deleteTenant: [
    [
      "in use",
      { path: "/tenants/acme", before: () => administer(gateway, "/tenants/acme/teams", { body: { id: "kept" } }) },
      refused(409, "conflict", "tenant.delete"),
    ],
    ["the platform's own", { path: "/tenants/default" }, refused(409, "conflict", "tenant.delete")],
    [
      "removed",
      { path: "/tenants/idle", before: () => administer(gateway, "/tenants", { body: { id: "idle" } }) },
      { status: 204, action: "tenant.delete", objectId: "idle", fields: ["name"] },
    ],
  ],
  putProvider: [
    [
      "added",
      { path: "/providers/lab", body: idle },
      { status: 200, action: "provider.create", objectId: "lab", fields: ["settings.kind", "enabled"] },
    ],
    [
      "changed",
      { path: "/providers/lab", body: { ...idle, priority: 7 } },
      { status: 200, action: "provider.update", objectId: "lab", fields: ["priority"] },
    ],
    [
      "changed by somebody else",
      { path: "/providers/lab", body: idle, headers: stale },
      refused(409, "conflict", "provider.put"),
    ],
    ["of the file", { path: "/providers/filed", body: idle }, refused(409, "conflict", "provider.put")],
    [
      "of no kind",
      { path: "/providers/lab", body: { kind: "nothing" } },
      refused(400, "invalid_value", "provider.put"),
    ],
  ],
  testProvider: [
    ["tested", { path: "/providers/filed/test" }, { status: 200, action: "provider.test", objectId: "filed" }],
    ["unknown", { path: "/providers/nowhere/test" }, refused(404, "not_found", "provider.test")],
  ],
  deleteProvider: [
    ["unknown", { path: "/providers/nowhere" }, refused(404, "not_found", "provider.delete")],
    ["of the file", { path: "/providers/filed" }, refused(409, "conflict", "provider.delete")],
    [
      "changed by somebody else",
      { path: "/providers/lab2", headers: stale, before: () => put("/providers/lab2", idle) },
      refused(409, "conflict", "provider.delete"),
    ],
    [
      "removed",
      { path: "/providers/lab2" },
      { status: 204, action: "provider.delete", objectId: "lab2", fields: ["settings.kind"] },
    ],
  ],
  putProviderModel: [
    [
      "added",
      { path: "/models/lab/m", body: { facts: { contextTokens: 8 } } },
      { status: 200, action: "model.create", objectId: "lab/m", fields: ["facts.contextTokens"] },
    ],
    [
      "changed",
      { path: "/models/lab/m", body: { facts: { contextTokens: 9 } } },
      { status: 200, action: "model.update", objectId: "lab/m", fields: ["facts.contextTokens"] },
    ],
    ["of nobody", { path: "/models/nowhere/m", body: { facts: {} } }, refused(404, "not_found", "model.put")],
    [
      "changed by somebody else",
      { path: "/models/lab/m", body: { facts: {} }, headers: stale },
      refused(409, "conflict", "model.put"),
    ],
  ],
  deleteProviderModel: [
    ["unknown", { path: "/models/lab/none" }, refused(404, "not_found", "model.delete")],
    ["of the program", { path: "/models/mock/mock-echo" }, refused(409, "conflict", "model.delete")],
    [
      "removed",
      { path: "/models/mock/extra", before: () => put("/models/mock/extra", { facts: {} }) },
      { status: 204, action: "model.delete", objectId: "mock/extra" },
    ],
  ],
  forgetUser: [
    ["forgotten", { path: "/learning/users/ada" }, { status: 200, action: "learning.forget", objectId: "ada" }],
    [
      "with a wrong query",
      { path: "/learning/users/ada?x=1" },
      refused(400, "unsupported_parameter", "learning.forget"),
    ],
  ],
  freezePolicy: [
    [
      "frozen",
      { path: "/routes/auto/policy/freeze" },
      { status: 200, action: "policy.freeze", objectId: "auto", fields: ["served"] },
    ],
    ["of no route", { path: "/routes/none/policy/freeze" }, refused(404, "not_found", "policy.freeze")],
  ],
  unfreezePolicy: [
    [
      "let go",
      {
        path: "/routes/auto/policy/unfreeze",
        before: () => administer(gateway, "/routes/auto/policy/freeze", { body: {} }),
      },
      { status: 200, action: "policy.unfreeze", objectId: "auto", fields: ["served"] },
    ],
    ["of no route", { path: "/routes/none/policy/unfreeze" }, refused(404, "not_found", "policy.unfreeze")],
  ],
  rollbackPolicy: [
    [
      "rolled back",
      async () => {
        const { body } = await administer(gateway, "/routes/auto/policy/freeze", { body: {} });
        await administer(gateway, "/routes/auto/policy/unfreeze", { body: {} });
        return { path: "/routes/auto/policy/rollback", body: { version: body.served } };
      },
      { status: 200, action: "policy.rollback", objectId: "auto", fields: ["served"] },
    ],
    [
      "to no version",
      { path: "/routes/auto/policy/rollback", body: { version: 999_999 } },
      refused(404, "not_found", "policy.rollback"),
    ],
  ],
  promotePolicy: [
    [
      "promoted",
      {
        path: "/routes/auto/policy/promote",
        before: () => administer(gateway, "/routes/auto/policy/freeze", { body: {} }),
      },
      { status: 200, action: "policy.promote", objectId: "auto", fields: ["served"] },
    ],
    [
      "to more than there is",
      { path: "/routes/auto/policy/promote", body: { share: 2 } },
      refused(400, "invalid_value", "policy.promote"),
    ],
  ],
  rotateMasterKey: [
    ["rotated", { path: "/secrets/rotate" }, { status: 200, action: "secrets.rotate", fields: ["masterKey"] }],
    ["with a query", { path: "/secrets/rotate?x=1" }, refused(400, "unsupported_parameter", "secrets.rotate")],
  ],
  reloadConfiguration: [
    ["reloaded", { path: "/reload" }, { status: 200, action: "configuration.reload" }],
    [
      "wrong",
      {
        path: "/reload",
        before: async () => writeFileSync(file, "routes: {"),
        after: async () => writeFileSync(file, good),
      },
      refused(422, "invalid_configuration", "configuration.reload"),
    ],
  ],
};

const changing = adminRoutes.filter(({ method }) => method !== "get");

const expectOneRow = async (answer: Answer, { code, action, objectId, fields = [] }: Expected, actor: unknown) => {
  const rows = endingsOf(await rowsOf(gateway), answer.headers.get("x-request-id"));
  expect(rows).toHaveLength(1);
  const outcome = code === undefined ? "ok" : "refused";
  expect(rows[0]).toMatchObject({ action, outcome, code: code ?? null, actor, tenant: "default" });
  expect(rows[0].remoteAddress).toContain("127.0.0.1");
  if (objectId !== undefined) expect(rows[0].objectId).toBe(objectId);
  const named = rows[0].changes.map(({ field }: { field: string }) => field);
  for (const field of fields) expect(named).toContain(field);
};

describe.each(changing.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const))(
  "%s",
  (_, route) => {
    const method = route.method.toUpperCase();
    const own = cases[route.operationId] ?? [];

    test("has cases of success and of refusal here", () => {
      expect(own.some(([, , { code }]) => code === undefined)).toBe(true);
      expect(own.some(([, , { code }]) => code !== undefined)).toBe(true);
    });

    test.each(own.map((one) => [...one] as const))("%s: one row", async (__, given, expected) => {
      const sent = typeof given === "function" ? await given() : given;
      await sent.before?.();
      const { path, body, headers } = sent;
      const answer = await administer(gateway, path, {
        method,
        ...(body === undefined ? {} : { body }),
        ...(headers === undefined ? {} : { headers }),
      });
      await sent.after?.();
      expect(answer.status, answer.text).toBe(expected.status);
      await expectOneRow(answer, expected, "local");
    });

    test("a developer's key: refused, one row", async () => {
      const path = `/admin/v1${route.path.replace(/\{\w+\}/g, "key_x")}`;
      const answer = await ask(gateway, path, {
        method,
        key: developer,
        ...(route.body === undefined ? {} : { body: {} }),
      });
      expect(answer.status).toBe(403);
      const id = (await administer(gateway, "/keys")).body.data.find(
        ({ name }: { name: string }) => name === "developer",
      ).id;
      await expectOneRow(answer, refused(403, "permission_denied", route.audit?.action ?? ""), id);
    });
  },
);

test("what only shows, strangers and wrong addresses leave no row", async () => {
  const before = (await rowsOf(gateway)).length;
  for (const { method, path } of adminRoutes)
    if (method === "get") await administer(gateway, path.replace(/\{\w+\}/g, "x"));
  expect((await ask(gateway, "/admin/v1/keys", { key: "unknown", body: { name: "x" } })).status).toBe(401);
  expect((await administer(gateway, "/nowhere", { method: "POST" })).status).toBe(404);
  expect((await administer(gateway, "/keys", { method: "DELETE" })).status).toBe(405);
  expect((await rowsOf(gateway)).length).toBe(before);
});

/** Acts of which more is changed than rows of the database. */
const outside = new Set(changing.flatMap(({ audit }) => (audit?.order === "ahead" ? [audit.action] : [])));

test("what is done outside of the database is announced first, and each announcement has its end", async () => {
  const rows = await rowsOf(gateway);
  const intended = rows.filter(({ outcome }) => outcome === "intended");
  expect(new Set(intended.map(({ action }) => action))).toEqual(outside);
  for (const { sequence } of intended)
    expect(rows.filter(({ completes }) => completes === sequence).map((row) => row.sequence > sequence)).toEqual([
      true,
    ]);
});

test("after all of it the chain holds", async () => {
  const { body } = await administer(gateway, "/audit/verify");
  expect(body).toMatchObject({ ok: true, broken: null, head: { state: "agrees" }, unfinished: [] });
});
