import { describe, expect, test } from "bun:test";
import type { Caller } from "../../core/caller.ts";
import { allPermissions } from "../../core/permissions.ts";
import type { JudgedCall } from "../../core/ports/learning.ts";
import { createAdminApp } from "./create-admin-app.ts";
import { makeDependencies } from "./fake-dependencies.ts";
import { backtestResponse } from "./schemas/backtest.ts";
import { decisionList, decisionResponse, statisticsResponse } from "./schemas/decisions.ts";
import { sumDecisions } from "./sum-decisions.ts";

const platform: Caller = {
  ...{ tenant: "default", team: null, keyId: null, role: "admin", routes: null, models: null },
  ...{ permissions: allPermissions, everywhere: true, userId: null },
};
const tenant = { ...platform, tenant: "acme", everywhere: false };

const setUp = () => {
  const made = makeDependencies({ calls: 3 });
  const app = createAdminApp(made.dependencies);
  const send = async (line: string, caller = platform) => {
    const [method = "", path = ""] = line.split(" ");
    const response = await app.fetch(new Request(`http://127.0.0.1/admin/v1${path}`, { method }), caller);
    const json = (await response.json()) as Record<string, never>;
    return { status: response.status, json, code: (json["error"] as { code?: string } | undefined)?.code };
  };
  return { ...made, send };
};

describe("decisions", () => {
  test("are listed page by page, in the schema that is published", async () => {
    const { send } = setUp();
    const first = decisionList.parse((await send("GET /decisions?limit=1")).json);
    expect(first.data).toMatchObject([{ id: "call_2", reward: 1, feedback: 1, explored: false }]);
    const second = await send(`GET /decisions?limit=1&before=${encodeURIComponent(String(first.next))}`);
    expect(second.json).toMatchObject({ data: [{ id: "call_1", reward: null }], next: null });
  });

  test("are shown to their tenant only", async () => {
    const { send } = setUp();
    expect((await send("GET /decisions", tenant)).json).toMatchObject({ data: [{ id: "call_1" }] });
    const [foreign, unknown] = [
      await send("GET /decisions/call_1", tenant),
      await send("GET /decisions/call_99", tenant),
    ];
    expect(foreign.status).toBe(404);
    expect(foreign.json).toEqual(unknown.json);
    const { json } = await send("GET /decisions/statistics", tenant);
    expect(json).toMatchObject({ calls: 1, judged: 0, complete: true });
  });

  test("are explained, also where no policy that learns decided", async () => {
    const { json } = await setUp().send("GET /decisions/call_2");
    const told = decisionResponse.parse(json);
    expect(told).toMatchObject({ id: "call_2", choice: null, reward: 1, feedback: [{ source: "rating" }] });
    expect(told.story.join(" ")).toContain("cloud/m");
  });

  test("are summed up, in the schema that is published", async () => {
    const { json } = await setUp().send("GET /decisions/statistics?route=fast&since=7d");
    const sums = statisticsResponse.parse(json);
    expect(sums).toMatchObject({ route: "fast", calls: 2, judged: 1, meanReward: 1 });
    expect(sums.bestConstant).toMatchObject({ action: "cloud/l" });
    expect(sums.bestConstant?.savedUsd).toBeCloseTo(0.018);
  });

  test.each([
    "/decisions?limit=0",
    "/decisions?before=x",
    "/decisions?since=yesterday",
    "/decisions?since=1d&until=2d",
    "/decisions/statistics?routes=fast",
    "/decisions/a%00b",
  ])("%s is refused", async (path) => expect((await setUp().send(`GET ${path}`)).status).toBe(400));

  test("are replayed with another policy, of which there must be one", async () => {
    const { send } = setUp();
    const told = backtestResponse.parse((await send("GET /decisions/backtest?route=fast&lambda=0.5")).json);
    expect(told).toMatchObject({ route: "fast", policy: { policy: "λ = 0.5" }, zeroRouter: null });
    const constant = await send("GET /decisions/backtest?route=fast&constant=cloud%2Fm&since=7d");
    expect(constant.json).toMatchObject({ policy: { policy: "cloud/m" } });
    for (const query of ["", "?route=fast", "?route=fast&lambda=1&constant=a/b", "?route=fast&lambda=x", "?lambda=1"])
      expect((await send(`GET /decisions/backtest${query}`)).status, query).toBe(400);
  });

  test("more than are looked at are said to be more", async () => {
    const call = (await makeDependencies().dependencies.learning.judgedCalls({ limit: 1 }))[0] as JudgedCall;
    const cursors: unknown[] = [];
    const learning = {
      judgedCalls: async ({ limit, before }: { readonly limit: number; readonly before?: unknown }) => {
        cursors.push(before);
        return Array.from({ length: limit }, () => call);
      },
    };
    expect(await sumDecisions(learning, {})).toMatchObject({ calls: 10_000, complete: false });
    expect(cursors[0]).toBeUndefined();
    expect(cursors[1]).toEqual({ startedAt: call.startedAt, id: call.callId });
  });
});

describe("forgetting a user", () => {
  test("is an administrative act with its row", async () => {
    const { send, acts } = setUp();
    expect((await send("DELETE /learning/users/ada")).json).toEqual({
      tenant: "default",
      user: "ada",
      calls: 3,
    } as never);
    expect(acts).toMatchObject([{ action: "learning.forget", object: { kind: "learner", id: "ada" }, order: "ahead" }]);
  });

  test("is within one's own tenant, or anywhere for the platform", async () => {
    const { send, acts } = setUp();
    expect((await send("DELETE /learning/users/ada?tenant=default", tenant)).code).toBe("permission_denied");
    expect(acts).toMatchObject([{ code: "permission_denied" }]);
    expect((await send("DELETE /learning/users/ada", tenant)).json).toMatchObject({ tenant: "acme", calls: 0 });
    expect((await send("DELETE /learning/users/ada?tenant=acme")).json).toMatchObject({ tenant: "acme" });
    const nobody = { ...tenant, permissions: new Set(["calls.read"] as const) };
    expect((await send("DELETE /learning/users/ada", nobody)).status).toBe(403);
  });
});
