import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "../support/start-gateway.ts";
import { administer, ask, chat, hello } from "./ask.ts";
import { runProgram } from "./run-program.ts";

let folder: string;
let data: string;
let database: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "intellirouter-start-"));
  data = join(folder, "data");
  database = join(data, "intellirouter.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const quiet = ["--set", "discovery.local=false", "--set", "discovery.environment=false"];
const up = (...args: readonly string[]) => runProgram(["up", "--data", data, "--port", "0", ...quiet, ...args]);
const digest = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

/** A data folder as a former run leaves it. */
const makeData = async (): Promise<void> => {
  const gateway = await startGateway({ dataFolder: data, configuration: { discovery: { mock: true } } });
  await ask(gateway, chat, { body: hello("mock/mock-echo") });
  await gateway.stop();
};

describe("a start that is refused", () => {
  test("a port in use", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen({ host: "127.0.0.1", port: 0 }, () => resolve((server.address() as { port: number }).port));
    });
    const { exitCode, output } = await runProgram(["up", "--data", data, "--port", String(port), ...quiet]);
    server.close();
    expect(exitCode).toBeGreaterThan(0);
    expect(output).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expect(output).toContain("--port");
    expect(existsSync(join(data, "server.json"))).toBe(false);
  });

  test("a data folder that cannot be made", async () => {
    writeFileSync(data, "a file");
    const { exitCode, output } = await runProgram(["up", "--data", join(data, "below"), "--port", "0"]);
    expect(exitCode).toBeGreaterThan(0);
    expect(output).toContain(join(data, "below"));
    expect(output).toContain("--data");
    expect(readFileSync(data, "utf8")).toBe("a file");
  });

  test("another address than loopback without a key", async () => {
    const { exitCode, output } = await up("--host", "0.0.0.0");
    expect(exitCode).toBeGreaterThan(0);
    expect(output).toContain("intellirouter keys create");
  });

  test.each([
    ["no database at all", (bytes: Buffer) => bytes.fill(0x5a)],
    ["a broken header", (bytes: Buffer) => bytes.fill(0, 0, 16)],
    ["broken pages", (bytes: Buffer) => bytes.fill(0xff, 4_096, 4_096 * 6)],
    ["a database cut in the middle", (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2))],
  ])(
    "%s: it says how to restore, and leaves the file alone",
    async (_, damage) => {
      await makeData();
      writeFileSync(database, damage(readFileSync(database)));
      const before = digest(database);
      const { exitCode, output } = await up();
      expect(exitCode).toBeGreaterThan(0);
      expect(output).toContain(`The database ${database} is damaged`);
      expect(output).toContain(".recover");
      expect(output).not.toContain(" at ");
      expect(digest(database)).toBe(before);
    },
    20_000,
  );

  test("a database of a newer program", async () => {
    await makeData();
    const opened = new Database(database);
    const [{ user_version: version }] = opened.query("PRAGMA user_version").all() as [{ user_version: number }];
    expect(version).toBeGreaterThan(0);
    opened.run("PRAGMA user_version = 9999");
    opened.close();
    const { exitCode, output } = await up();
    expect(exitCode).toBeGreaterThan(0);
    expect(output).toContain("newer version");
  }, 20_000);
});

describe("a configuration that is wrong ends with 78", () => {
  interface Case {
    readonly name: string;
    readonly file: string;
    readonly text: string;
    readonly says: readonly string[];
  }
  const cases: readonly Case[] = [
    {
      name: "an unknown key",
      file: "c.yaml",
      text: "server:\n  prot: 8000\n",
      says: ["server.prot", "unknown key", "'port'", "line 2"],
    },
    {
      name: "a wrong type",
      file: "c.yaml",
      text: "server: { maxBodyBytes: eighty }\n",
      says: ["server.maxBodyBytes", "number"],
    },
    {
      name: "an unknown kind of provider",
      file: "c.toml",
      text: '[providers.a]\nkind = "opanai"\n',
      says: ["providers.a.kind", "openai"],
    },
    {
      name: "a route to an unknown provider",
      file: "c.yaml",
      text: "routes: { fast: { targets: [opnai/x] } }\n",
      says: ["routes.fast.targets[0]", "'opnai'", "openai"],
    },
    { name: "broken YAML", file: "c.yaml", text: "server: {\n", says: ["c.yaml"] },
    { name: "broken JSON", file: "c.json", text: "{", says: ["c.json"] },
    { name: "broken TOML", file: "c.toml", text: "[server", says: ["c.toml"] },
    {
      name: "a secret that is not set",
      file: "c.yaml",
      text: 'providers: { a: { kind: openai, apiKey: "env:NOT_SET_HERE" } }\n',
      says: ["providers.a.apiKey", "NOT_SET_HERE"],
    },
    { name: "a tag of YAML", file: "c.yaml", text: "server: !!js/function 'x'\n", says: ["c.yaml", "tag"] },
    {
      name: "a bomb of aliases",
      file: "c.yaml",
      text: `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(10)}]\n`).join("")}`,
      says: ["c.yaml"],
    },
    { name: "__proto__", file: "c.json", text: '{"__proto__":{"polluted":true}}', says: ["__proto__"] },
    {
      name: "a header that smuggles another",
      file: "c.json",
      text: JSON.stringify({ providers: { a: { kind: "openai", headers: { "x-a": "b\r\nx-c: d" } } } }),
      says: ["providers.a.headers"],
    },
    ...["file:///etc/passwd", "http://user:pw@host/v1", "http://host/v1#frag", "http://host/v1?a=b"].map((baseUrl) => ({
      name: `a base URL ${baseUrl}`,
      file: "c.json",
      text: JSON.stringify({ providers: { a: { kind: "openai-compatible", baseUrl } } }),
      says: ["providers.a.baseUrl"],
    })),
  ];
  test.each(cases.map((one) => [one.name, one] as const))("%s", async (_, { file, text, says }) => {
    const path = join(folder, file);
    writeFileSync(path, text);
    const { exitCode, output } = await up("--config", path);
    expect(exitCode, output).toBe(78);
    for (const part of says) expect(output).toContain(part);
    expect(output).not.toMatch(/^\s+at /m);
  });

  test("a file that is not there", async () => {
    const { exitCode, output } = await up("--config", join(folder, "nothing.yaml"));
    expect(exitCode).toBe(78);
    expect(output).toContain("nothing.yaml");
  });

  test("everything that is wrong is named at once", async () => {
    const path = join(folder, "c.yaml");
    writeFileSync(path, "server: { prot: 1, host: 5 }\nlogging: { level: loud }\n");
    const { output } = await up("--config", path);
    for (const part of ["server.prot", "server.host", "logging.level"]) expect(output).toContain(part);
  });
});

test("a second start goes on with what the first one wrote", async () => {
  await makeData();
  const gateway = await startGateway({ dataFolder: data, configuration: { discovery: { mock: true } } });
  const { body } = await administer(gateway, "/calls");
  expect(body.data).toHaveLength(1);
  await gateway.stop();
}, 20_000);
