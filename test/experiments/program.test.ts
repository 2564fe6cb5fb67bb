import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { administer, ask, chat, eventually } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startWorkers } from "../workers/start-workers.ts";
import { type FakeModels, startFakeModels } from "./fake-models.ts";

let gateway: RunningGateway | undefined;
let models: FakeModels | undefined;
afterEach(async () => {
  await gateway?.dispose();
  await models?.stop();
  [gateway, models] = [undefined, undefined];
});

const price = { input: 1, output: 1 };
const providers = () => ({
  lab: {
    kind: "openai-compatible",
    baseUrl: models?.baseUrl,
    models: { dear: { price: { input: 100, output: 100 } }, cheap: { price } },
  },
});
const experiment = (changes: object = {}) => ({
  route: "fast",
  unit: "user",
  arms: { now: {}, next: { targets: ["lab/cheap"] } },
  ...changes,
});
const configuration = (experiments: object) => ({
  providers: providers(),
  routes: { fast: { targets: ["lab/dear"] } },
  experiments,
});
const body = (user?: string) => ({
  model: "fast",
  messages: [{ role: "user", content: "hello" }],
  ...(user === undefined ? {} : { user }),
});
const modelOf = async (running: RunningGateway, user?: string): Promise<string> => {
  const { status, body: answer } = await ask(running, chat, {
    body: body(user),
    // Each call on a connection of its own reaches either worker.
    headers: { connection: "close" },
  });
  expect(status).toBe(200);
  return answer.model as string;
};
const report = async (running: RunningGateway, name: string, query = "") =>
  (await administer(running, `/experiments/${name}${query}`)).body;

test("a user stays in one arm, over both workers, and what comes of it is told", async () => {
  models = startFakeModels(() => "hi");
  gateway = await startWorkers({ configuration: configuration({ cheaper: experiment({ minimumUnits: 50 }) }) });
  const running = gateway;
  const users = Array.from({ length: 160 }, (_, place) => `user-${place}`);
  const first = new Map<string, string>();
  for (const user of users) first.set(user, await modelOf(running, user));
  expect(new Set(first.values())).toEqual(new Set(["dear", "cheap"]));
  for (const user of users.slice(0, 40))
    expect([user, await modelOf(running, user)]).toEqual([user, first.get(user) as string]);

  const { arms, comparisons, verdict, ...rest } = await report(running, "cheaper");
  const share = (model: string) => [...first.values()].filter((one) => one === model).length;
  expect(rest).toMatchObject({ route: "fast", state: "running", unit: "user", control: "now", primary: "cost" });
  expect(arms.map(({ arm, units }: { arm: string; units: number }) => [arm, units])).toEqual([
    ["now", share("dear")],
    ["next", share("cheap")],
  ]);
  expect(arms[0].calls + arms[1].calls).toBe(200);
  expect(arms[0].estimates.cost.mean).toBeCloseTo(15e-4, 12);
  expect(arms[1].estimates.cost.mean).toBeCloseTo(15e-6, 12);
  expect(arms[0].estimates.errors).toMatchObject({ mean: 0, lower: 0 });
  expect(arms[0].estimates.reward).toBeNull();
  const cost = comparisons.find(({ metric }: { metric: string }) => metric === "cost");
  expect(cost.difference).toBeCloseTo(15e-6 - 15e-4, 12);
  expect(cost.upper).toBeLessThan(0);
  expect(verdict).toMatchObject({ kind: "decided", best: "next" });
  expect(rest.sampleRatioPValue).toBeGreaterThan(0.001);

  const [call] = (await administer(running, "/calls?limit=1")).body.data;
  const { decision } = (await administer(running, `/calls/${call.id}`)).body;
  expect(Object.keys(decision.arms)).toEqual(["cheaper"]);
  // The digest does not tell who it is.
  const kept = new Database(join(running.dataFolder, "intellirouter.db"), { readonly: true });
  const units = kept.query("SELECT DISTINCT unit FROM experiment_calls").all() as { unit: string }[];
  kept.close();
  expect(units.length).toBe(160);
  for (const { unit } of units) expect(unit).toMatch(/^[0-9a-f]{16}$/);
}, 60_000);

test("who names no user takes no part, a stopped experiment changes nothing, and the share is kept", async () => {
  models = startFakeModels(() => "hi");
  gateway = await startGateway({
    configuration: configuration({
      cheaper: experiment({ share: 0.5, arms: { a: { targets: ["lab/cheap"] }, b: { targets: ["lab/cheap"] } } }),
      halted: experiment({ state: "stopped", arms: { a: { targets: ["lab/cheap"] }, b: {} } }),
    }),
  });
  expect(await modelOf(gateway)).toBe("dear");
  const seen = { dear: 0, cheap: 0 };
  for (let user = 0; user < 100; user++) seen[(await modelOf(gateway, `u${user}`)) as "dear"] += 1;
  expect(seen.cheap).toBeGreaterThan(30);
  expect(seen.dear).toBeGreaterThan(30);
  const { arms, verdict } = await report(gateway, "cheaper");
  expect(arms[0].calls + arms[1].calls).toBe(seen.cheap);
  expect(verdict.kind).toBe("collecting");
  expect((await report(gateway, "halted")).arms[0].calls).toBe(0);
  expect((await administer(gateway, "/experiments/none")).status).toBe(404);
  const later = await report(gateway, "cheaper", `?since=${new Date(Date.now() + 60_000).toISOString()}`);
  expect(later.arms[0].calls + later.arms[1].calls).toBe(0);
}, 60_000);

test("failures count against their arm, and a rating counts for its call", async () => {
  models = startFakeModels(({ model }) => (model === "cheap" ? 400 : "hi"));
  gateway = await startGateway({ configuration: configuration({ broken: experiment({ unit: "call" }) }) });
  let failures = 0;
  let rated = 0;
  for (let call = 0; call < 30; call++) {
    const { status, headers } = await ask(gateway, chat, { body: body() });
    if (status !== 200) failures += 1;
    else {
      rated += 1;
      const id = headers.get("x-request-id");
      const said = await ask(gateway, "/v1/feedback", { body: { call_id: id, rating: 0.75 } });
      expect(said.status).toBeLessThan(300);
    }
  }
  const { arms } = await report(gateway, "broken");
  expect(arms[1]).toMatchObject({ arm: "next", calls: failures });
  expect(arms[1].estimates.errors.mean).toBe(1);
  expect(arms[0].estimates.errors.mean).toBe(0);
  expect(arms[0].estimates.reward).toMatchObject({ calls: rated, mean: 0.75 });
}, 60_000);

test("the command line lists experiments and shows one", async () => {
  models = startFakeModels(() => "hi");
  gateway = await startGateway({ configuration: configuration({ cheaper: experiment() }) });
  const running = gateway;
  await modelOf(running, "somebody");
  const call = (...args: string[]) =>
    runProgram([...args, "--url", running.url, "--api-key", `local-${running.localToken}`]);
  expect((await call("experiments")).output).toMatch(/cheaper +fast +running +user +100 % +now \(1\), next \(1\)/);
  const shown = await call("experiments", "show", "cheaper");
  expect(shown.output).toContain("now (control)");
  expect(shown.output).toContain("Not every arm has 100 units");
  const { exitCode, output } = await call("experiments", "show", "cheaper", "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(output).arms.length).toBe(2);
}, 60_000);

test.each([
  ["a route that is not there", { e: { ...experiment(), route: "fats" } }, "there is no route 'fats'"],
  ["one arm", { e: { ...experiment(), arms: { now: {} } } }, "two arms at least"],
  ["a control that is no arm", { e: { ...experiment(), control: "x" } }, "there is no arm 'x'"],
  ["two that change the same", { e: experiment(), f: experiment() }, "'e' changes 'targets' of the same route"],
  ["a provider that is not there", { e: experiment({ arms: { a: {}, b: { targets: ["x/y"] } } }) }, "no provider 'x'"],
])(
  "the start is refused: %s",
  async (_, experiments, expected) => {
    models = startFakeModels(() => "hi");
    const starting = startGateway({ configuration: configuration(experiments) });
    const failed = await starting.then(
      (running) => {
        gateway = running;
        return "it started";
      },
      (error: unknown) => String(error),
    );
    expect(failed).toContain(expected);
  },
  30_000,
);

test("an experiment that begins with a reload of the configuration is followed at once", async () => {
  models = startFakeModels(() => "hi");
  gateway = await startGateway({ configuration: configuration({}) });
  const running = gateway;
  expect(await modelOf(running, "u")).toBe("dear");
  const all = { only: experiment({ arms: { a: { targets: ["lab/cheap"] }, b: { targets: ["lab/cheap"] } } }) };
  const file = join(running.dataFolder, "intellirouter.yaml");
  const before = JSON.parse(await Bun.file(file).text());
  await Bun.write(file, JSON.stringify({ ...before, experiments: all }));
  await eventually("the experiment is followed", async () => (await modelOf(running, "u")) === "cheap");
}, 30_000);
