import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { administer, ask, eventually, type Json } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { askWorker } from "../workers/ask-worker.ts";
import { type RunningWorkers, startWorkers } from "../workers/start-workers.ts";
import { rowsOf } from "./rows.ts";

const together = 20;
const rounds = 5;

let gateway: RunningWorkers;
beforeAll(async () => {
  gateway = await startWorkers({ configuration: {} });
});
afterAll(() => gateway.dispose());

const token = (): string => `local-${gateway.localToken}`;
const makeAt = (worker: number, name: string) =>
  askWorker(gateway, worker, ["/admin/v1/keys", { key: token(), body: { name } }]);
const verify = async (): Promise<{ exitCode: number; report: Json }> => {
  const { exitCode, output } = await runProgram(["audit", "verify", "--json", "--data", gateway.dataFolder]);
  return { exitCode, report: JSON.parse(output) };
};

test("keys that are made at the same time by two processes make one chain", async () => {
  for (const worker of [gateway.first, gateway.second])
    expect((await makeAt(worker, `first of ${worker}`)).status).toBe(201);
  const made: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const sent = Array.from({ length: together }, (_, number) =>
      // Connections of their own, which the system spreads over both.
      ask(gateway, "/admin/v1/keys", {
        key: token(),
        headers: { connection: "close" },
        body: { name: `key ${round}-${number}` },
      }),
    );
    for (const { status, body, text } of await Promise.all(sent)) {
      expect(status, text).toBe(201);
      made.push(body.id);
    }
  }
  const rows = await rowsOf(gateway, "&action=key.create");
  expect(rows).toHaveLength(rounds * together + 2);
  expect(new Set(rows.map(({ objectId }) => objectId)).size).toBe(rows.length);
  for (const id of made) expect(rows.some(({ objectId }) => objectId === id)).toBe(true);
  const { exitCode, report } = await verify();
  expect(exitCode).toBe(0);
  expect(report).toMatchObject({
    ok: true,
    rows: rows.length + 1,
    head: { state: "agrees", sequence: rows.length + 1 },
  });
  expect((await administer(gateway, "/audit/verify")).body).toMatchObject({ ok: true, rows: report.rows });
}, 60_000);

test("a reload that one worker is asked for is one act; a change of the file is the supervisor's", async () => {
  const file = join(gateway.dataFolder, "intellirouter.yaml");
  const reloads = async () =>
    (await rowsOf(gateway, "&action=configuration")).map(({ actor, outcome, changes }) => [
      actor,
      outcome,
      changes.length,
    ]);
  const level = (name: string): void =>
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), logging: { level: name } }));
  await askWorker(gateway, gateway.second, ["/admin/v1/reload", { method: "POST", key: token() }]);
  // Longer than the watch waits for quiet.
  await Bun.sleep(400);
  const asked = [
    ["local", "intended", 0],
    ["local", "ok", 0],
  ];
  expect(await reloads()).toEqual(asked);
  level("warn");
  await eventually("the file's change has its rows", async () => (await reloads()).length === 4);
  expect(await reloads()).toEqual([...asked, ["file", "intended", 0], ["file", "ok", 1]]);
  expect((await verify()).exitCode).toBe(0);
}, 30_000);
