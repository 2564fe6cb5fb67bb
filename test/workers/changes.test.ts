import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Answer, chat, eventually, hello } from "../e2e/ask.ts";
import { waitFor } from "../streams/wait-for.ts";
import { askWorker } from "./ask-worker.ts";
import { workersOf } from "./processes.ts";
import { type RunningWorkers, startWorkers } from "./start-workers.ts";
import { startTroubledUpstream } from "./troubled-upstream.ts";

let gateway: RunningWorkers;
let file: string;
beforeEach(async () => {
  gateway = await startWorkers({
    configuration: { discovery: { mock: true }, routes: { fast: { targets: ["mock/mock-echo"] } } },
  });
  file = join(gateway.dataFolder, "intellirouter.yaml");
});
afterEach(() => gateway.dispose());

const both = (): readonly number[] => [gateway.first, gateway.second];
const administerOn = (
  worker: number,
  path: string,
  request: { method?: string; body?: unknown } = {},
): Promise<Answer> =>
  askWorker(gateway, worker, [`/admin/v1${path}`, { key: `local-${gateway.localToken}`, ...request }]);
const modelOf = async (worker: number, route: string): Promise<string | null> =>
  (await askWorker(gateway, worker, [chat, { body: hello(route) }])).headers.get("x-intellirouter-model");
const write = (content: object): void =>
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...content }));
const routeTo = (target: string) => ({ routes: { fast: { targets: [target] } } });

test("a key that was made, rotated or revoked at one worker is so at the other with the answer", async () => {
  const statusWith = async (worker: number, key: string): Promise<number> =>
    (await askWorker(gateway, worker, [chat, { key, body: hello("fast") }])).status;
  const made = await administerOn(gateway.first, "/keys", { body: { name: "one" } });
  const { key, id } = made.body;
  for (const worker of both()) expect(await statusWith(worker, key)).toBe(200);
  for (const worker of both()) expect(await statusWith(worker, "")).toBe(401);
  expect((await administerOn(gateway.second, `/keys/${id}/revoke`, { method: "POST" })).status).toBeLessThan(300);
  for (const worker of both()) expect(await statusWith(worker, key)).toBe(401);
});

test("a provider that was added at one worker serves at the other with the answer, and is asked for its models once", async () => {
  const upstream = startTroubledUpstream();
  try {
    const body = { kind: "openai-compatible", baseUrl: upstream.baseUrl };
    const added = await administerOn(gateway.first, "/providers/lab", { method: "PUT", body });
    expect(added.body.modelCount).toBe(1);
    expect((await askWorker(gateway, gateway.second, [chat, { body: hello("lab/m") }])).status).toBe(200);
    const models = await askWorker(gateway, gateway.second, ["/v1/models"]);
    expect(models.body.data.map(({ id }: { id: string }) => id)).toContain("lab/m");
    await administerOn(gateway.second, "/providers/lab", { method: "DELETE" });
    expect((await askWorker(gateway, gateway.first, [chat, { body: hello("lab/m") }])).status).toBe(404);
  } finally {
    await upstream.stop();
  }
});

test("a reload at one worker is there for the next call of either", async () => {
  write(routeTo("mock/mock-json"));
  // False where the file's own watch was first.
  const { body } = await administerOn(gateway.first, "/reload", { method: "POST" });
  expect(body).toEqual({ changed: expect.any(Boolean) });
  for (const worker of both()) expect(await modelOf(worker, "fast")).toBe("mock-json");
});

test.each(["a change of the file", "SIGHUP"])("%s is taken by both", async (how) => {
  write(routeTo("mock/mock-llama"));
  if (how === "SIGHUP") process.kill(gateway.pid, "SIGHUP");
  for (const worker of both())
    await eventually("the route leads elsewhere", async () => (await modelOf(worker, "fast")) === "mock-llama");
});

test("a bad file is taken by none, nor by a worker that starts later", async () => {
  writeFileSync(file, "routes: {");
  const { status, body } = await administerOn(gateway.second, "/reload", { method: "POST" });
  expect([status, body.error.code]).toEqual([422, "invalid_configuration"]);
  expect(body.error.message).toContain("stays in use");
  process.kill(gateway.first, "SIGKILL");
  await waitFor(
    () => workersOf(gateway).length === 2 && !workersOf(gateway).includes(gateway.first),
    "there is a new one",
  );
  for (const worker of workersOf(gateway)) expect(await modelOf(worker, "fast")).toBe("mock-echo");
});

test("a worker that starts later knows what was changed before", async () => {
  write(routeTo("mock/mock-tools"));
  await administerOn(gateway.first, "/reload", { method: "POST" });
  process.kill(gateway.first, "SIGKILL");
  await waitFor(
    () => workersOf(gateway).length === 2 && !workersOf(gateway).includes(gateway.first),
    "there is a new one",
  );
  const [next = 0] = workersOf(gateway).filter((pid) => pid !== gateway.second);
  expect(await modelOf(next, "fast")).toBe("mock-tools");
});
