import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rolesOf } from "../../src/auth/roles.ts";
import type { Caller, Role } from "../../src/core/caller.ts";
import { allPermissions, permissions } from "../../src/core/permissions.ts";
import { adminBase, createAdminRouter } from "../../src/http/admin/create-admin-app.ts";
import { makeDependencies } from "../../src/http/admin/fake-dependencies.ts";
import { adminRoutes } from "../../src/http/admin/routes/index.ts";
import { createApp, type Route, routesOf } from "../../src/http/app.ts";
import type { Edge } from "../../src/http/edge.ts";
import { permissionTable, type Requirement } from "../../src/http/permission-table.ts";
import { administer, ask } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

const own = {
  auditor: { permissions: ["audit.read", "usage.read"] },
  caller: { permissions: ["chat.call"] },
} as const;
const roles = rolesOf(own);

const surroundings = {
  admin: async () => new Response(),
  metrics: async () => "",
  feedback: { take: async () => [] },
  openApi: async () => "{}",
  unreadyReason: () => undefined,
};

/** As the routers themselves have them, whatever the table says. */
const served: readonly string[] = [
  ...[...routesOf(surroundings)].flatMap(([path, route]) => Object.keys(route).map((method) => `${method} ${path}`)),
  ...createAdminRouter(makeDependencies().dependencies)
    .routes.filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}")}`),
];

test("the routers' routes and the table's are the same", () => {
  expect(served.toSorted()).toEqual([...permissionTable.keys()].toSorted());
});

test("every permission opens some route", () => {
  const used = new Set([...permissionTable.values()].flatMap((one) => (one.reach === "open" ? [] : [one.permission])));
  expect([...used].toSorted()).toEqual([...permissions].toSorted());
});

const expected = (requirement: Requirement | undefined, role: Role, everywhere: boolean): "let in" | "kept out" => {
  if (requirement === undefined) return "kept out";
  if (requirement.reach === "open") return "let in";
  const isReached = everywhere || requirement.reach === "tenant";
  return isReached && roles.get(role)?.has(requirement.permission) ? "let in" : "kept out";
};

describe("every route with every role", () => {
  let gateway: RunningGateway;
  const keys = new Map<string, string>();
  beforeAll(async () => {
    gateway = await startGateway({ configuration: { discovery: { mock: true }, auth: { roles: own } } });
    for (const role of roles.keys())
      for (const everywhere of [true, false]) {
        const { body, text } = await administer(gateway, "/keys", { body: { name: role, role, everywhere } });
        expect(body.key, text).toBeString();
        keys.set(`${role} ${everywhere}`, body.key);
      }
  });
  afterAll(() => gateway.dispose());

  test.each([...roles.keys()].flatMap((role) => [true, false].map((everywhere) => [role, everywhere] as const)))(
    "%s, the platform's own: %p",
    async (role, everywhere) => {
      for (const route of served) {
        const [method = "", path = ""] = route.split(" ");
        // Nothing is there of this name, so that nothing is changed.
        const answer = await ask(gateway, path.replace(/\{\w+\}/g, "nothing"), {
          method,
          key: keys.get(`${role} ${everywhere}`) ?? "",
        });
        const result = answer.status === 403 ? "kept out" : "let in";
        expect(answer.status).not.toBe(401);
        expect(`${route}: ${result}`).toBe(`${route}: ${expected(permissionTable.get(route), role, everywhere)}`);
      }
    },
  );

  test.each([
    "//admin/v1/keys",
    "/admin//v1/keys",
    "/admin/v1//keys",
    "/admin/./v1/keys",
    "/admin/x/../v1/keys",
    "/v1/../admin/v1/keys",
    "/admin/v1/%6beys",
    "/admin/%2e%2e/admin/v1/keys",
    "/%61dmin/v1/keys",
    "/admin%2fv1/keys",
    "/ADMIN/v1/keys",
    "/Admin/V1/Keys",
    "/admin/v1/KEYS",
    "/admin/v1/keys/",
    "/admin/v1/keys;x",
    "/admin/v1/keys%00",
    "/admin\\v1\\keys",
    "/admin/keys",
    "/api/keys",
    "/key/generate",
    "/v1/models/../../admin/v1/keys",
    "/v1/models/%2e%2e/%2e%2e/admin/v1/keys",
  ])("%s leads nowhere, whoever asks", async (path) => {
    for (const role of ["admin", "developer"]) {
      const { status, text } = await rawAsk(gateway, path, keys.get(`${role} true`) ?? "");
      expect([403, 404, 400], `${role} got ${status}`).toContain(status);
      expect(text).not.toContain('"data"');
    }
  });
});

/** Without a client library that would put the path in order first. */
const rawAsk = async (
  gateway: RunningGateway,
  path: string,
  key: string,
): Promise<{ status: number; text: string }> => {
  const { hostname, port } = new URL(gateway.url);
  const gathered: Uint8Array[] = [];
  await new Promise<void>((resolve, reject) => {
    void Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        open: (socket) =>
          void socket.write(
            `GET ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${key}\r\nconnection: close\r\n\r\n`,
          ),
        data: (_, bytes) => void gathered.push(new Uint8Array(bytes)),
        close: () => resolve(),
        error: (_, error) => reject(error),
      },
    });
  });
  const text = Buffer.concat(gathered).toString();
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
};

describe("a route that stands in no table", () => {
  const administrator: Caller = {
    ...{ tenant: "default", team: null, keyId: null, role: "admin", routes: null, models: null },
    ...{ permissions: allPermissions, everywhere: true, userId: null },
  };

  test("of the public API is denied, also to the administrator", async () => {
    const all = routesOf(surroundings);
    const seeded = new Map(all)
      .set("/v1/seeded", all.get("/v1/models") as Route)
      .set("/seeded", all.get("/healthz") as Route);
    const edge = {
      newId: () => "id",
      authenticate: () => administrator,
      gateway: () => ({ offeredModels: () => [] }),
      onRefused: () => undefined,
    } as unknown as Edge;
    const handle = createApp(edge, surroundings, seeded);
    const statusOf = async (path: string): Promise<number> =>
      (await handle({ method: "GET", url: `http://h${path}`, headers: new Headers() } as never, {} as never)).status;
    expect(await statusOf("/v1/models")).toBe(200);
    expect(await statusOf("/v1/seeded")).toBe(403);
    expect(await statusOf("/healthz")).toBe(200);
    expect(await statusOf("/seeded")).toBe(403);
  });

  test("of the admin API is denied, also to the administrator", async () => {
    const [listed] = adminRoutes;
    const seeded = { ...listed, path: "/seeded" } as (typeof adminRoutes)[number];
    const router = createAdminRouter(makeDependencies().dependencies, [...adminRoutes, seeded]);
    const statusOf = async (path: string): Promise<number> =>
      (
        await router.fetch(new Request(`http://h${adminBase}${path}`), {
          ...{ requestId: null, remoteAddress: null },
          caller: administrator,
        })
      ).status;
    expect(await statusOf("/keys")).toBe(200);
    expect(await statusOf("/seeded")).toBe(403);
  });
});
