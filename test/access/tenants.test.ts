import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { administer, ask } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

let gateway: RunningGateway;
let acmeAdmin: string;
let keeper: string;
let acmeUser: { readonly id: string };

const made = async (path: string, body: object) => {
  const answer = await administer(gateway, path, { body });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};

beforeAll(async () => {
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      auth: { roles: { keeper: { permissions: ["users.read", "users.write", "usage.read"] } } },
    },
  });
  for (const id of ["acme", "rival"]) {
    await made("/tenants", { id });
    await made(`/tenants/${id}/teams`, { id: "search" });
  }
  acmeUser = await made("/tenants/acme/users", { name: "Ada", externalId: "ada", role: "admin" });
  await made("/tenants/rival/users", { name: "Eve" });
  acmeAdmin = (await made("/keys", { name: "a", tenant: "acme", role: "admin", userId: acmeUser.id })).key;
  keeper = (await made("/keys", { name: "k", tenant: "acme", role: "keeper" })).key;
});
afterAll(() => gateway.dispose());

const asAcme = (path: string, request: Parameters<typeof ask>[2] = {}) =>
  ask(gateway, `/admin/v1${path}`, { key: acmeAdmin, ...request });
const revision = (tag: string | null) => ({ "if-match": tag ?? "" });

describe("a tenant's administrator", () => {
  test("sees its own tenant, teams and users, and no others", async () => {
    const { body } = await asAcme("/tenants");
    expect(body).toMatchObject({ data: [{ id: "acme" }], next: null });
    expect((await asAcme("/tenants/acme/teams")).body.data).toHaveLength(1);
    expect((await asAcme("/tenants/acme/users")).body.data).toHaveLength(1);
    for (const path of ["", "/teams", "/users", "/teams/search"])
      expect((await asAcme(`/tenants/rival${path}`)).status, path).toBe(404);
    // The answer is the same as for a tenant that is nowhere.
    expect((await asAcme("/tenants/rival")).body).toEqual((await asAcme("/tenants/nowhere")).body);
  });

  test("changes nothing of others, and no tenant at all", async () => {
    const headers = { "if-match": '"1"' };
    for (const [method, path] of [
      ["POST", "/tenants/rival/teams"],
      ["PATCH", "/tenants/rival/teams/search"],
      ["DELETE", "/tenants/rival/teams/search"],
    ] as const)
      expect(
        (await asAcme(path, { method, headers, body: { ...(method === "POST" ? { id: "x" } : {}) } })).status,
      ).toBe(404);
    for (const [method, path] of [
      ["POST", "/tenants"],
      ["PATCH", "/tenants/acme"],
      ["DELETE", "/tenants/acme"],
    ] as const)
      expect((await asAcme(path, { method, headers, body: {} })).status).toBe(403);
  });

  test("makes keys for its own teams and users only", async () => {
    const statusOf = async (body: object) => (await asAcme("/keys", { body: { name: "one", ...body } })).status;
    expect(await statusOf({ team: "search", userId: acmeUser.id })).toBe(201);
    expect(await statusOf({ team: "nowhere" })).toBe(400);
    expect(await statusOf({ userId: "user_nowhere" })).toBe(400);
    const [eve] = (await administer(gateway, "/tenants/rival/users")).body.data;
    expect(await statusOf({ userId: eve.id })).toBe(400);
    expect((await administer(gateway, "/keys", { body: { name: "one", tenant: "nowhere" } })).status).toBe(400);
  });
});

describe("roles of users", () => {
  const usersOf = "/tenants/acme/users";
  test("nobody sets his own, not even to less", async () => {
    const { headers } = await asAcme(`${usersOf}/${acmeUser.id}`);
    const change = (body: object) =>
      asAcme(`${usersOf}/${acmeUser.id}`, { method: "PATCH", body, headers: revision(headers.get("etag")) });
    expect(await change({ role: "viewer" })).toMatchObject({ status: 403 });
    expect(await change({ tenant: "rival" })).toMatchObject({ status: 400 });
    expect(await change({ spend: 0 })).toMatchObject({ status: 400 });
    expect(await change({ name: "Ada L." })).toMatchObject({ status: 200 });
  });

  test("nobody gives what he has not, nor takes over who has it", async () => {
    const asKeeper = (path: string, request: object) => ask(gateway, `/admin/v1${path}`, { key: keeper, ...request });
    const body = { name: "Mallory" };
    expect((await asKeeper(usersOf, { body: { ...body, role: "admin" } })).status).toBe(403);
    expect((await asKeeper(usersOf, { body: { ...body, role: "owner" } })).status).toBe(400);
    const mallory = await asKeeper(usersOf, { body: { ...body, role: "keeper" } });
    expect(mallory.status).toBe(201);
    const { headers } = await asAcme(`${usersOf}/${acmeUser.id}`);
    const answer = await asKeeper(`${usersOf}/${acmeUser.id}`, {
      method: "PATCH",
      body: { externalId: "mallory" },
      headers: revision(headers.get("etag")),
    });
    expect(answer.status).toBe(403);
  });
});

describe("changes", () => {
  test("are made from the present revision only", async () => {
    const path = "/tenants/acme/teams/search";
    const { headers } = await administer(gateway, path);
    const change = (sent: Record<string, string>) =>
      administer(gateway, path, { method: "PATCH", body: { name: "S" }, headers: sent });
    expect(await change({})).toMatchObject({ status: 428, body: { error: { code: "precondition_required" } } });
    expect(await change({ "if-match": '"99"' })).toMatchObject({
      status: 412,
      body: { error: { code: "precondition_failed" } },
    });
    const first = await change(revision(headers.get("etag")));
    expect(first.status).toBe(200);
    expect((await change(revision(headers.get("etag")))).status).toBe(412);
    expect((await change(revision(first.headers.get("etag")))).status).toBe(200);
  });

  test("lists go on where a page ended", async () => {
    for (const id of ["p1", "p2", "p3"]) await made("/tenants/rival/teams", { id });
    const ids: string[] = [];
    let after = "";
    for (let pages = 0; pages < 5; pages++) {
      const { body } = await administer(gateway, `/tenants/rival/teams?limit=3${after}`);
      ids.push(...body.data.map(({ id }: { id: string }) => id));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(ids).toEqual(["p1", "p2", "p3", "search"]);
  });

  test("what something hangs on stays", async () => {
    await made("/tenants", { id: "short" });
    const { id } = await made("/keys", { name: "one", tenant: "short" });
    const remove = async () => (await administer(gateway, "/tenants/short", { method: "DELETE" })).status;
    expect(await remove()).toBe(409);
    await administer(gateway, `/keys/${id}/revoke`, { method: "POST" });
    expect(await remove()).toBe(204);
    expect((await administer(gateway, "/tenants/short")).status).toBe(404);
  });
});
