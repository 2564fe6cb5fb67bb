import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { administer, ask, chat, eventually, hello, presentTag } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startWorkers } from "../workers/start-workers.ts";
import { filesOf, findSecrets } from "./data-folder.ts";

const secrets = { first: "canary provider key zq81-one", second: "canary provider key wv37-two" };

let dataFolder: string;
let received: (string | null)[];
let upstream: ReturnType<typeof serve>;

/** A provider that notes which key it was sent. */
const serve = () =>
  Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      if (request.method === "GET") return Response.json({ data: [{ id: "m" }] });
      received.push(request.headers.get("authorization"));
      const choices = [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }];
      return Response.json({ id: "a", object: "chat.completion", created: 1, model: "m", choices });
    },
  });

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), "intellirouter-secrets-"));
  received = [];
  upstream = serve();
});
afterEach(async () => {
  await upstream.stop(true);
  rmSync(dataFolder, { recursive: true, force: true });
});

const start = (environment: Readonly<Record<string, string>> = {}): Promise<RunningGateway> =>
  startGateway({ configuration: {}, dataFolder, environment });

const put = async (gateway: RunningGateway, name: string, apiKey: string): Promise<void> => {
  const body = { kind: "openai-compatible", baseUrl: `${upstream.url}v1`, apiKey };
  const headers = await presentTag(gateway, `/providers/${name}`);
  const answer = await administer(gateway, `/providers/${name}`, { method: "PUT", body, headers });
  expect(answer.status, answer.text).toBe(200);
};

/** Which key the provider is called with. */
const keyUsed = async (gateway: RunningGateway, name: string): Promise<string | null | undefined> => {
  const key = `local-${gateway.localToken}`;
  const answer = await ask(gateway, chat, { key, body: hello(`${name}/m`) });
  expect(answer.status, answer.text).toBe(200);
  return received.at(-1);
};
const bearer = (key: string): string => `Bearer ${key}`;

const keyFile = (): string => join(dataFolder, "master-key");
const inDatabase = <Result>(work: (database: Database) => Result): Result => {
  const database = new Database(join(dataFolder, "intellirouter.db"));
  try {
    return work(database);
  } finally {
    database.close();
  }
};
const storedKey = (name: string): string =>
  inDatabase((database) => {
    const row = database.query("SELECT value_json FROM objects WHERE name = ?").get(name) as { value_json: string };
    return JSON.parse(row.value_json).settings.apiKey;
  });
const auditActions = async (gateway: RunningGateway): Promise<readonly string[]> =>
  (await administer(gateway, "/audit?action=secrets")).body.data.map(({ action }: { action: string }) => action);

/** What the program prints that must not start. */
const startRefused = async (environment: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { exitCode, output } = await runProgram(["up", "--data", dataFolder, "--port", "0"], environment);
  expect(exitCode).toBeGreaterThan(0);
  return output;
};

/** As an older version left it: as text, with traces of a former one on free pages. */
const writeAsText = (name: string, { former, present }: { readonly former: string; readonly present: string }): void =>
  inDatabase((database) => {
    const write = (value: string): void =>
      void database
        .query("UPDATE objects SET value_json = json_set(value_json, '$.settings.apiKey', ?) WHERE name = ?")
        .run(value, name);
    write(former);
    const row = database.query("SELECT value_json FROM objects WHERE name = ?").get(name) as { value_json: string };
    for (let copy = 0; copy < 200; copy++)
      database.query("INSERT INTO objects VALUES ('setting', ?, ?, 1, 1, 1)").run(`copy${copy}`, row.value_json);
    database.run("DELETE FROM objects WHERE kind = 'setting'");
    write(present);
    database.run("DELETE FROM versions WHERE area = 'secrets'");
  });

describe("credentials in the database", () => {
  test("stand encrypted in every file, with a master key for its owner only, and work after a restart", async () => {
    for (const _ of [1, 2]) {
      const gateway = await start();
      if (received.length === 0) await put(gateway, "lab", secrets.first);
      expect(await keyUsed(gateway, "lab")).toBe(bearer(secrets.first));
      expect(findSecrets(filesOf(dataFolder), secrets)).toEqual([]);
      await gateway.stop();
    }
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(storedKey("lab")).toMatch(/^sealed:1:/);
    expect(findSecrets(filesOf(dataFolder), secrets)).toEqual([]);
  });

  test("of an older version are encrypted at the start; nothing of the text is left in any file", async () => {
    const first = await start();
    await put(first, "lab", secrets.first);
    await first.stop();
    writeAsText("lab", { former: secrets.second, present: secrets.first });
    const before = findSecrets(filesOf(dataFolder), secrets).map(({ secret }) => secret);
    expect(new Set(before)).toEqual(new Set(["first", "second"]));
    const gateway = await start();
    expect(findSecrets(filesOf(dataFolder), secrets)).toEqual([]);
    expect(await keyUsed(gateway, "lab")).toBe(bearer(secrets.first));
    expect(await auditActions(gateway)).toEqual(["secrets.seal"]);
    expect((await administer(gateway, "/audit/verify")).body.ok).toBe(true);
    await gateway.stop();
  });

  test("in rows that changed places are not used, and the log names the provider", async () => {
    const first = await start();
    await put(first, "one", secrets.first);
    await put(first, "two", secrets.second);
    await first.stop();
    const other = storedKey("two");
    inDatabase((database) =>
      database
        .query("UPDATE objects SET value_json = json_set(value_json, '$.settings.apiKey', ?) WHERE name = 'one'")
        .run(other),
    );
    const gateway = await start();
    await eventually("the log names it", () => /stored provider cannot be used.*"one"/.test(gateway.logs()));
    const key = `local-${gateway.localToken}`;
    expect((await ask(gateway, chat, { key, body: hello("one/m") })).status).toBe(404);
    expect(await keyUsed(gateway, "two")).toBe(bearer(secrets.second));
    await gateway.stop();
  });
});

describe("a master key that is lost", () => {
  test("stops the start, is not replaced, and names the providers; restored, all goes on", async () => {
    const first = await start();
    await put(first, "lab", secrets.first);
    await put(first, "cloud", secrets.second);
    await first.stop();
    renameSync(keyFile(), `${keyFile()}.away`);
    const output = await startRefused();
    expect(output).toContain("cloud, lab");
    expect(output).toContain("secrets forget");
    expect(output).toContain(keyFile());
    expect(existsSync(keyFile())).toBe(false);
    writeFileSync(keyFile(), "damaged");
    expect(await startRefused()).toContain("is damaged");
    expect(readFileSync(keyFile(), "utf8")).toBe("damaged");
    renameSync(`${keyFile()}.away`, keyFile());
    const gateway = await start();
    expect(await keyUsed(gateway, "lab")).toBe(bearer(secrets.first));
    await gateway.stop();
  });

  test("for good: `secrets forget` takes the credentials away, and they can be given again", async () => {
    const first = await start();
    await put(first, "lab", secrets.first);
    await first.stop();
    rmSync(keyFile());
    const { exitCode, output } = await runProgram(["secrets", "forget", "--yes", "--data", dataFolder]);
    expect([exitCode, output]).toEqual([0, "These providers need their credentials again: lab.\n"]);
    const gateway = await start();
    await put(gateway, "lab", secrets.second);
    expect(await keyUsed(gateway, "lab")).toBe(bearer(secrets.second));
    expect(await auditActions(gateway)).toEqual(["secrets.forget"]);
    expect((await administer(gateway, "/audit/verify")).body.ok).toBe(true);
    await gateway.stop();
  });
});

describe("rotation", () => {
  test("beside the running gateway: another key in the file and in every row, and calls go on", async () => {
    const gateway = await start();
    await put(gateway, "lab", secrets.first);
    const [file, row] = [readFileSync(keyFile(), "utf8"), storedKey("lab")];
    const { exitCode, output } = await runProgram(["secrets", "rotate", "--json", "--data", dataFolder]);
    expect(exitCode, output).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ secrets: 1, masterKey: storedKey("lab").split(":")[2] });
    expect(storedKey("lab")).not.toBe(row);
    const lines = readFileSync(keyFile(), "utf8").trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(file).not.toContain(lines[1] ?? "");
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(await keyUsed(gateway, "lab")).toBe(bearer(secrets.first));
    await put(gateway, "cloud", secrets.second);
    expect(await auditActions(gateway)).toEqual(["secrets.rotate"]);
    await gateway.stop();
    const shown = await runProgram(["secrets", "--data", dataFolder]);
    expect(shown.output).toContain("of the file. Providers with credentials: cloud, lab.");
    // Without a gateway, through the same API.
    expect((await runProgram(["secrets", "rotate", "--data", dataFolder])).exitCode).toBe(0);
    const again = await start();
    expect(await keyUsed(again, "lab")).toBe(bearer(secrets.first));
    expect(await keyUsed(again, "cloud")).toBe(bearer(secrets.second));
    expect(findSecrets(filesOf(dataFolder), secrets)).toEqual([]);
    await again.stop();
  });

  test("is known to all workers", async () => {
    const gateway = await startWorkers({ configuration: {}, dataFolder });
    await put(gateway, "lab", secrets.first);
    expect((await administer(gateway, "/secrets/rotate", { method: "POST" })).status).toBe(200);
    // Whoever is told of this one reads all rows again.
    await put(gateway, "cloud", secrets.second);
    for (let turn = 0; turn < 20; turn++) {
      expect(await keyUsed(gateway, "lab")).toBe(bearer(secrets.first));
      expect(await keyUsed(gateway, "cloud")).toBe(bearer(secrets.second));
    }
    expect(gateway.logs()).not.toContain("cannot be used");
    await gateway.stop();
    await gateway.dispose();
  });

  test("that died between file and rows is finished by the next start", async () => {
    const first = await start();
    await put(first, "lab", secrets.first);
    await first.stop();
    const [header, old] = readFileSync(keyFile(), "utf8").split("\n");
    writeFileSync(keyFile(), `${[header, Buffer.alloc(32, 7).toString("base64url"), old].join("\n")}\n`);
    const row = storedKey("lab");
    const gateway = await start();
    expect(storedKey("lab")).not.toBe(row);
    expect(readFileSync(keyFile(), "utf8")).not.toContain(old ?? "");
    expect(await keyUsed(gateway, "lab")).toBe(bearer(secrets.first));
    await gateway.stop();
  });

  test("from the file to the environment and from one of the environment to the next", async () => {
    const name = "INTELLIROUTER_MASTER_KEY";
    const [one, two] = ["the first key of thirty-two letters", "another one of thirty-two letters"];
    const first = await start();
    await put(first, "lab", secrets.first);
    await first.stop();
    const second = await start({ [name]: one });
    expect(await keyUsed(second, "lab")).toBe(bearer(secrets.first));
    const refused = await administer(second, "/secrets/rotate", { method: "POST" });
    expect([refused.status, refused.body.error.code]).toEqual([409, "conflict"]);
    await second.stop();
    rmSync(keyFile());
    expect(await startRefused({ [name]: two })).toContain("master key that is not here");
    expect(await startRefused({ [name]: "short" })).toContain("has 5 characters");
    const third = await start({ [name]: two, [`${name}_PREVIOUS`]: one });
    expect(await keyUsed(third, "lab")).toBe(bearer(secrets.first));
    await third.stop();
    const fourth = await start({ [name]: two });
    expect(await keyUsed(fourth, "lab")).toBe(bearer(secrets.first));
    expect(existsSync(keyFile())).toBe(false);
    await fourth.stop();
    expect(findSecrets(filesOf(dataFolder), { one, two, ...secrets })).toEqual([]);
  }, 20_000);
});
