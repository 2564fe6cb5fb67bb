import { describe, expect, test } from "bun:test";
import type { Caller } from "../../core/caller.ts";
import { allPermissions } from "../../core/permissions.ts";
import { adminBase, createAdminApp } from "./create-admin-app.ts";
import { makeDependencies } from "./fake-dependencies.ts";
import { adminRoutes } from "./routes/index.ts";

const admin: Caller = {
  ...{ tenant: "acme", team: null, keyId: "key_a", role: "admin", routes: null, models: null },
  ...{ permissions: allPermissions, everywhere: true, userId: null },
};
const origin = { requestId: "req_1", remoteAddress: "10.0.0.1" };
const send = (app: ReturnType<typeof createAdminApp>, method: string, path: string, caller: Caller = admin) =>
  app.fetch(new Request(`http://127.0.0.1${adminBase}${path}`, { method }), caller, origin);

describe("acts", () => {
  test("every route that changes something is one, with who asked and whence; the others are none", async () => {
    for (const caller of [admin, { ...admin, role: "developer", permissions: new Set(["chat.call"] as const) }]) {
      const { dependencies, acts } = makeDependencies();
      const app = createAdminApp(dependencies);
      for (const { method, path, audit } of adminRoutes) {
        const before = acts.length;
        await send(app, method.toUpperCase(), path.replace(/\{\w+\}/g, "x"), caller);
        expect(acts.length - before, path).toBe(method === "get" ? 0 : 1);
        if (audit === undefined) continue;
        expect(acts.at(-1)).toMatchObject({ ...origin, actor: "key_a", tenant: "acme", action: audit.action });
        if (caller.role === "developer") expect(acts.at(-1)?.code).toBe("permission_denied");
      }
    }
  });

  test("a reload tells which values are others", async () => {
    const { dependencies, acts } = makeDependencies();
    const values = ["info", "debug"];
    dependencies.configuration = () => [{ path: "logging.level", value: values.shift(), source: "config.yaml:1" }];
    await send(createAdminApp(dependencies), "POST", "/reload");
    expect(acts[0]?.noted).toEqual({ before: { "logging.level": "info" }, after: { "logging.level": "debug" } });
  });

  test.each([
    ["an id", "key_abc-_1", "key_abc-_1"],
    ["a key in its place", `ir-${"x".repeat(43)}`, null],
    ["anything else", "hunter2", null],
  ])("%s is named as an object, or is not", async (_, id, expected) => {
    const { dependencies, acts } = makeDependencies();
    await send(createAdminApp(dependencies), "POST", `/keys/${id}/revoke`);
    expect(acts[0]?.object).toEqual({ kind: "key", id: expected });
  });
});
