import { expect, test } from "bun:test";
import type { Caller } from "../../core/caller.ts";
import { allPermissions } from "../../core/permissions.ts";
import { createAdminApp } from "./create-admin-app.ts";
import { makeDependencies } from "./fake-dependencies.ts";

const admin: Caller = {
  ...{ tenant: "acme", team: null, keyId: null, role: "admin", routes: null, models: null },
  ...{ permissions: allPermissions, everywhere: true, userId: null },
};

const get = async (path: string, caller = admin) => {
  const app = createAdminApp(makeDependencies().dependencies);
  const response = await app.fetch(new Request(`http://127.0.0.1/admin/v1/budgets${path}`), caller);
  return { status: response.status, json: (await response.json()) as never };
};

test("shows what each subject has spent, holds and has left", async () => {
  const { status, json } = await get("?limit=1");
  expect(status).toBe(200);
  expect(json).toMatchObject({
    data: [
      {
        ...{ budget: 0, scope: "key", subject: "k 3.ä", per: "day" },
        ...{ limitUsd: 2, spentUsd: 0.5, heldUsd: 0.1, leftUsd: 1.4, forecastUsd: 1, runsOutAt: null },
      },
    ],
  });
});

test("pages go on where the last one ended, whatever names hold", async () => {
  const subjects: string[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const page = (await get(`?limit=1${after === "" ? "" : `&after=${encodeURIComponent(after)}`}`)).json as {
      readonly data: readonly { readonly subject: string }[];
      readonly next: string | null;
    };
    subjects.push(...page.data.map(({ subject }) => subject));
    after = page.next;
  }
  expect(subjects).toEqual(["k 3.ä", "k_1", "k_2"]);
});

test.each(["?after=x", "?after=0.%25E0", "?limit=0", "?after=-1.k"])("refuses %s", async (query) => {
  expect((await get(query)).status).toBe(400);
});

test("is for those who may see the usage of all tenants", async () => {
  expect((await get("", { ...admin, permissions: new Set() })).status).toBe(403);
  expect((await get("", { ...admin, everywhere: false })).status).toBe(403);
});
