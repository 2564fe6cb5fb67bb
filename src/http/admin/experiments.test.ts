import { expect, test } from "bun:test";
import type { Caller } from "../../core/caller.ts";
import { allPermissions } from "../../core/permissions.ts";
import type { TrialFilter } from "../../core/ports/experiments.ts";
import { createAdminApp } from "./create-admin-app.ts";
import { makeDependencies } from "./fake-dependencies.ts";
import { makeExperiments } from "./fake-experiments.ts";
import { now } from "./fake-ledger.ts";
import { experimentList, experimentReport } from "./schemas/experiments.ts";

const platform: Caller = {
  ...{ tenant: "acme", team: null, keyId: null, role: "admin", routes: null, models: null },
  ...{ permissions: allPermissions, everywhere: true, userId: null },
};
const tenant: Caller = { ...platform, everywhere: false };

const get = async (path: string, caller = platform) => {
  const asked: TrialFilter[] = [];
  const app = createAdminApp({ ...makeDependencies().dependencies, experiments: makeExperiments(asked) });
  const response = await app.fetch(new Request(`http://127.0.0.1/admin/v1/experiments${path}`), caller);
  // biome-ignore lint/suspicious/noExplicitAny: the answer is looked into by path.
  return { status: response.status, json: (await response.json()) as any, asked };
};

test("lists experiments and, for who may see all tenants, shadows", async () => {
  const { json } = await get("");
  expect(experimentList.parse(json)).toMatchObject({ data: [{ name: "cheaper" }], shadows: [{ route: "fast" }] });
  expect((await get("", tenant)).json).toMatchObject({ data: [{ name: "cheaper" }], shadows: [] });
});

test("shows one, of the caller's tenant and of a time", async () => {
  const { json, asked } = await get("/cheaper?since=7d", tenant);
  expect(experimentReport.parse(json)).toMatchObject({ name: "cheaper", verdict: { kind: "undecided" }, until: null });
  expect(asked).toEqual([{ tenant: "acme", since: now - 7 * 86_400_000 }]);
  expect((await get("/cheaper")).asked).toEqual([{}]);
});

test.each([
  ["/nothing", 404, platform],
  ["/cheaper?since=soon", 400, platform],
  ["/cheaper?since=1d&until=2d", 400, platform],
  ["/cheaper?by=user", 400, platform],
  ["/cheaper", 403, { ...platform, permissions: new Set(["calls.read"] as const) }],
] as const)("%s is answered with %p", async (path, status, caller) =>
  expect((await get(path, caller as Caller)).status).toBe(status),
);
