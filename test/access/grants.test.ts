import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { administer, ask, chat, hello } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      routes: { fast: { targets: ["mock/mock-echo"] }, other: { targets: ["mock/mock-llama"] } },
      auth: { roles: { porter: { permissions: ["keys.read", "keys.write", "chat.call"] } } },
    },
  });
});
afterAll(() => gateway.dispose());
beforeAll(async () => {
  for (const id of ["acme", "other", "rival", "north", "south"])
    await administer(gateway, "/tenants", { body: { id } });
});

interface Made {
  readonly id: string;
  readonly key: string;
}
const make = async (fields: object): Promise<Made> => {
  const { status, body, text } = await administer(gateway, "/keys", { body: { name: "one", ...fields } });
  expect(status, text).toBe(201);
  return body;
};
const keys = "/admin/v1/keys";

describe("nobody grants more than he has", () => {
  const cases: readonly (readonly [who: object, wanted: object, status: number, param?: string])[] = [
    [{ role: "porter" }, { role: "porter" }, 201],
    [{ role: "porter" }, { role: "developer" }, 403, "role"],
    [{ role: "porter" }, { role: "admin" }, 403, "role"],
    [{ role: "porter" }, { role: "owner" }, 400, "role"],
    [{ role: "admin" }, { role: "admin", tenant: "acme" }, 201],
    [{ role: "admin", tenant: "acme" }, { role: "admin" }, 201],
    [{ role: "admin", tenant: "acme" }, { role: "admin", tenant: "other" }, 403, "tenant"],
    [{ role: "admin", tenant: "acme" }, { tenant: "default" }, 403, "tenant"],
    [{ role: "admin", tenant: "acme" }, { everywhere: true }, 403, "everywhere"],
    [{ role: "admin", everywhere: false }, { everywhere: true }, 403, "everywhere"],
    [{ role: "admin", routes: ["fast"] }, { routes: ["fast"] }, 201],
    [{ role: "admin", routes: ["fast"] }, {}, 403, "routes"],
    [{ role: "admin", routes: ["fast"] }, { routes: null }, 403, "routes"],
    [{ role: "admin", routes: ["fast"] }, { routes: ["fast", "other"] }, 403, "routes"],
    [{ role: "admin", routes: ["fast"] }, { routes: ["fast"], models: ["mock-llama"] }, 403, "models"],
    [{ role: "admin", models: ["mock-echo"] }, { models: ["mock/mock-echo"] }, 403, "models"],
    [{ role: "admin", models: ["mock/mock-echo"] }, { models: ["mock-echo"] }, 403, "models"],
    [{ role: "admin", models: ["mock-echo"] }, {}, 403, "models"],
    [{ role: "admin", models: ["mock-echo"] }, { models: ["mock-llama"] }, 403, "models"],
    [{ role: "admin" }, { priority: "high" }, 201],
    [{ role: "admin", tenant: "acme" }, { priority: "high" }, 403, "priority"],
    [{ role: "admin", tenant: "acme" }, { priority: "normal" }, 201],
    [{ role: "admin", tenant: "acme" }, { priority: "urgent" }, 400, "priority"],
    [{ role: "admin", tenant: "acme", priority: "high" }, { priority: "high" }, 201],
    [{ role: "admin", tenant: "acme", priority: "low" }, { priority: "normal" }, 403, "priority"],
    [{ role: "admin", tenant: "acme", priority: "low" }, {}, 201],
    [{ role: "admin" }, { spend: 0 }, 400, "spend"],
    [{ role: "admin" }, { id: "key_mine" }, 400, "id"],
  ];
  test.each(cases.map(([who, wanted, status, param]) => [who, wanted, status, param ?? null] as const))(
    "%j makes %j: %d",
    async (who, wanted, status, param) => {
      const { key } = await make(who);
      const answer = await ask(gateway, keys, { key, body: { name: "wider", ...wanted } });
      expect(answer.status, answer.text).toBe(status);
      if (param !== null) expect(answer.body.error.param).toBe(param);
    },
  );

  test("a key that was made reaches what it was made for, and no more", async () => {
    const { key } = await make({ role: "admin", routes: ["fast"] });
    const { body } = await ask(gateway, keys, { key, body: { name: "child", role: "developer", routes: ["fast"] } });
    const statusOf = async (model: string) =>
      (await ask(gateway, chat, { key: body.key, body: { ...hello(model), max_tokens: 5 } })).status;
    expect([await statusOf("fast"), await statusOf("other"), await statusOf("mock-echo")]).toEqual([200, 403, 403]);
  });

  test("to rotate a wider key would be to get it", async () => {
    const wide = await make({ role: "admin" });
    const { key } = await make({ role: "porter" });
    expect((await ask(gateway, `${keys}/${wide.id}/rotate`, { method: "POST", key })).status).toBe(403);
    expect((await ask(gateway, keys, { key: wide.key })).status).toBe(200);
    const own = await make({ role: "porter" });
    expect((await ask(gateway, `${keys}/${own.id}/rotate`, { method: "POST", key })).status).toBe(201);
  });
});

describe("what is of another tenant is not there", () => {
  test("keys, by id and in lists", async () => {
    const ours = await make({ tenant: "acme" });
    const theirs = await make({ tenant: "rival" });
    const { key } = await make({ tenant: "acme", role: "admin" });
    expect((await ask(gateway, `${keys}/${ours.id}`, { key })).status).toBe(200);
    for (const [path, method] of [
      [theirs.id, "GET"],
      [`${theirs.id}/rotate`, "POST"],
      [`${theirs.id}/revoke`, "POST"],
    ])
      expect((await ask(gateway, `${keys}/${path}`, { key, method: method as string })).status).toBe(404);
    const { body } = await ask(gateway, keys, { key });
    const tenants = new Set(body.data.map(({ tenant }: { tenant: string }) => tenant));
    expect(tenants).toEqual(new Set(["acme"]));
    expect((await ask(gateway, chat, { key: theirs.key, body: { ...hello("fast"), max_tokens: 5 } })).status).toBe(200);
  });

  test("calls, usage and acts", async () => {
    const call = async (tenant: string) => {
      const { key } = await make({ tenant });
      return (await ask(gateway, chat, { key, body: { ...hello("fast"), max_tokens: 5 } })).headers.get("x-request-id");
    };
    const [ours, theirs] = [await call("north"), await call("south")];
    const { key } = await make({ tenant: "north", role: "admin" });
    expect((await ask(gateway, `/admin/v1/calls/${ours}`, { key })).status).toBe(200);
    expect((await ask(gateway, `/admin/v1/calls/${theirs}`, { key })).status).toBe(404);
    const { body: calls } = await ask(gateway, "/admin/v1/calls", { key });
    expect(calls.data.map(({ id }: { id: string }) => id)).toEqual([ours]);
    const { body: usage } = await ask(gateway, "/admin/v1/usage?by=tenant", { key });
    expect(usage.data.map(({ group }: { group: string }) => group)).toEqual(["north"]);
    const { body: platform } = await administer(gateway, "/usage?by=tenant");
    expect(platform.data.map(({ group }: { group: string }) => group)).toContain("south");
    await ask(gateway, keys, { key, body: { name: "an act of north" } });
    const { body: acts } = await ask(gateway, "/admin/v1/audit", { key });
    expect(acts.data.map(({ tenant }: { tenant: string }) => tenant)).toEqual(["north"]);
  });
});

test("a role that the configuration has no more may nothing", async () => {
  const { readFileSync, writeFileSync } = await import("node:fs");
  const file = `${gateway.dataFolder}/intellirouter.yaml`;
  const before = readFileSync(file, "utf8");
  const { key } = await make({ role: "porter" });
  const statusOf = async () => (await ask(gateway, keys, { key })).status;
  expect(await statusOf()).toBe(200);
  writeFileSync(file, before.replaceAll("porter", "carrier"));
  expect((await administer(gateway, "/reload", { method: "POST" })).status).toBe(200);
  expect(await statusOf()).toBe(403);
  writeFileSync(file, before);
  await administer(gateway, "/reload", { method: "POST" });
  expect(await statusOf()).toBe(200);
});
