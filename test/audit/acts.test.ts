import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { administer, ask, eventually } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { rowsOf, tamper } from "./rows.ts";

const adminKey = "environment-key-of-the-tests";
let gateway: RunningGateway;
beforeEach(async () => {
  gateway = await startGateway({ configuration: {}, environment: { INTELLIROUTER_ADMIN_KEY: adminKey } });
});
afterEach(() => gateway.dispose());

const actions = async () =>
  (await rowsOf(gateway)).map(({ actor, action, outcome }) => `${actor} ${action} ${outcome}`).slice(1);

/** From now on the table takes no row. */
const block = (): void => {
  tamper(gateway.dataFolder, (database) =>
    database.run("CREATE TRIGGER blocked BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'blocked'); END"),
  );
};

test("the first row is the program's own, and each actor has a name", async () => {
  expect((await rowsOf(gateway))[0]).toMatchObject({ actor: "program", action: "catalogue.import", objectId: null });
  await ask(gateway, "/admin/v1/keys", { key: adminKey, body: { name: "a", role: "admin" } });
  const { body } = await administer(gateway, "/keys", { body: { name: "b", role: "admin" } });
  await ask(gateway, "/admin/v1/keys", { key: body.key, body: { name: "c" } });
  expect(await actions()).toEqual(["environment key.create ok", "local key.create ok", `${body.id} key.create ok`]);
  const { body: page } = await administer(gateway, `/audit?actor=${body.id}&action=key`);
  expect(page.data).toHaveLength(1);
  expect((await administer(gateway, "/audit?action=ke")).body.data).toEqual([]);
  expect((await administer(gateway, "/audit?since=2999-01-01")).body.data).toEqual([]);
});

test("pages in both directions meet", async () => {
  for (let number = 0; number < 5; number++) await administer(gateway, "/keys", { body: { name: `n${number}` } });
  const forward = (await rowsOf(gateway)).map(({ sequence }) => sequence);
  const backward: number[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const { body } = await administer(gateway, `/audit?limit=2${next === "" ? "" : `&before=${next}`}`);
    backward.push(...body.data.map(({ sequence }: { sequence: number }) => sequence));
    next = body.next;
  }
  expect(forward).toEqual([1, 2, 3, 4, 5, 6]);
  expect(backward).toEqual(forward.toReversed());
  expect((await administer(gateway, "/audit?before=5&after=1")).status).toBe(400);
});

describe("where the row cannot be written", () => {
  test("nothing is changed, and the answer is 503", async () => {
    const { body: key } = await administer(gateway, "/keys", { body: { name: "before" } });
    const body = { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1", enabled: false };
    await administer(gateway, "/providers/kept", { method: "PUT", body });
    block();
    const before = (await rowsOf(gateway)).length;
    for (const [method, path, sent] of [
      ["POST", "/keys", { name: "x" }],
      ["POST", `/keys/${key.id}/revoke`, undefined],
      ["POST", `/keys/${key.id}/rotate`, undefined],
      ["PUT", "/providers/lab", body],
      ["DELETE", "/providers/kept", undefined],
      ["PUT", "/models/kept/m", { facts: {} }],
      ["POST", "/providers/kept/test", undefined],
      ["POST", "/reload", undefined],
      // What would be refused anyway is not told as refused where nothing says so.
      ["POST", "/keys/key_nowhere/revoke", undefined],
    ] as const) {
      const answer = await administer(gateway, path, { method, ...(sent === undefined ? {} : { body: sent }) });
      expect([path, answer.status, answer.body.error.code]).toEqual([path, 503, "storage_unavailable"]);
    }
    expect((await administer(gateway, "/keys")).body.data).toMatchObject([{ id: key.id, state: "active" }]);
    const { body: providers } = await administer(gateway, "/providers");
    expect(providers.data.map(({ name }: { name: string }) => name)).toEqual(["kept"]);
    expect((await rowsOf(gateway)).length).toBe(before);
    expect((await ask(gateway, "/v1/models", { key: key.key })).status).toBe(200);
  });

  test("a changed file is not taken", async () => {
    block();
    const file = join(gateway.dataFolder, "intellirouter.yaml");
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), logging: { level: "debug" } }));
    await eventually("it is refused", () => gateway.logs().includes("audit log cannot be written"));
    const { body } = await administer(gateway, "/config");
    expect(body.data.find(({ path }: { path: string }) => path === "logging.level").value).toBe("info");
  });
});

describe("the configuration", () => {
  const write = (content: string | object): void =>
    writeFileSync(
      join(gateway.dataFolder, "intellirouter.yaml"),
      typeof content === "string" ? content : JSON.stringify(content),
    );

  test.each(["a change of the file", "SIGHUP"])("%s is an act of `file`", async (how) => {
    const before = JSON.parse(readFileSync(join(gateway.dataFolder, "intellirouter.yaml"), "utf8"));
    write({ ...before, logging: { level: "debug" } });
    if (how === "SIGHUP") process.kill(gateway.pid, "SIGHUP");
    await eventually("it is taken", async () => (await actions()).includes("file configuration.reload ok"));
    const rows = await rowsOf(gateway);
    expect(rows.at(-1)).toMatchObject({
      completes: rows.at(-2).sequence,
      changes: [{ field: "logging.level", before: "info", after: "debug" }],
    });
    expect(await actions()).toEqual(["file configuration.reload intended", "file configuration.reload ok"]);
  });

  test("a wrong file is refused, once", async () => {
    write("routes: {");
    await eventually("it is refused", async () => (await actions()).length > 0);
    expect(await actions()).toEqual(["file configuration.reload refused"]);
    expect((await rowsOf(gateway)).at(-1).code).toBe("invalid_configuration");
  });

  test("a reload over the admin API is the caller's act, and not the file's too", async () => {
    // The file is as it was: of one that was changed, the watch might be told first.
    await administer(gateway, "/reload", { method: "POST" });
    await Bun.sleep(400);
    expect(await actions()).toEqual(["local configuration.reload intended", "local configuration.reload ok"]);
  });
});

test("the command line's own changes, without a gateway, are rows as well", async () => {
  await gateway.stop();
  const run = (...args: readonly string[]) => runProgram([...args, "--data", gateway.dataFolder]);
  const made = await run("keys", "create", "laptop", "--json");
  await run("keys", "revoke", "laptop", "--yes");
  await run("seed");
  const { output } = await run("audit", "export", "--format", "jsonl");
  const rows = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows.map(({ actor, action }) => `${actor} ${action}`).slice(1)).toEqual([
    "local key.create",
    "local key.revoke",
    "local catalogue.import",
  ]);
  expect(rows[1]).toMatchObject({ objectId: JSON.parse(made.output).id, remoteAddress: null });
  const listed = await run("audit", "list", "--action", "key", "--since", "1h", "--json");
  expect(JSON.parse(listed.output).data).toHaveLength(2);
  expect((await run("audit", "list", "--limit", "0")).exitCode).toBe(2);
  expect((await run("audit", "verify")).exitCode).toBe(0);
});
