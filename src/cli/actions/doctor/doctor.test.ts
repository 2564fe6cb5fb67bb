import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError } from "../../../config/problem.ts";
import type { ConfigurationReport } from "../../roles.ts";
import { type Fakes, runFaked } from "../../testing.ts";

let folder = "";
let server: Server;
let takenPort = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "intellirouter-doctor-"));
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  takenPort = (server.address() as { port: number }).port;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const provider = {
  name: "openai",
  kind: "openai",
  baseUrl: null,
  keyless: false,
  keyCount: 1,
  keyVariables: ["OPENAI_API_KEY"],
};
const healthy: ConfigurationReport = {
  file: "c.yaml",
  entries: [],
  host: "127.0.0.1",
  port: 0,
  routes: [],
  providers: [provider],
};
const database = (integrity: string, pendingMigrations: readonly string[]) => ({
  inspectStorage: async () => ({ folder, database: { file: join(folder, "none.db"), integrity, pendingMigrations } }),
});
const configured = (changes: Partial<ConfigurationReport>) => ({
  loadConfiguration: async () => ({ ...healthy, ...changes }),
});

const examine = async (fakes: Fakes) => {
  const roles = { loadConfiguration: async () => healthy, dataFolder: () => folder, ...fakes.roles };
  const { stdout, exitCode } = await runFaked(["doctor", "--json"], { ...fakes, roles });
  const { checks } = JSON.parse(stdout) as {
    checks: { check: string; status: string; detail: string; advice?: string }[];
  };
  return { exitCode, checks };
};

describe("doctor", () => {
  const cases: readonly (readonly [name: string, fakes: () => Fakes, check: string, status: string, detail: string])[] =
    [
      ["an old runtime", () => ({ system: { runtimeVersion: "1.3.9" } }), "runtime", "fail", "1.3.9"],
      ["a newer runtime", () => ({ system: { runtimeVersion: "2.0.0" } }), "runtime", "ok", "2.0.0"],
      ["no database yet", () => ({}), "database", "ok", "none yet"],
      ["a broken database", () => ({ roles: database("row 7 missing from index", []) }), "database", "fail", "row 7"],
      ["an old schema", () => ({ roles: database("ok", ["2"]) }), "database", "warn", "lacks 1"],
      [
        "a key that is missing",
        () => ({ roles: configured({ providers: [{ ...provider, keyCount: 0 }] }) }),
        "provider openai",
        "fail",
        "no key",
      ],
      [
        "a provider without need of a key",
        () => ({ roles: configured({ providers: [{ ...provider, keyCount: 0, keyless: true }] }) }),
        "provider openai",
        "ok",
        "needs no key",
      ],
      [
        "no provider at all",
        () => ({ roles: configured({ providers: [] }), answers: { "GET /admin/v1/providers": { data: [] } } }),
        "providers",
        "warn",
        "none",
      ],
      ["a port that is taken", () => ({ roles: configured({ port: takenPort }) }), "address", "fail", "in use"],
      ["a port that is free", () => ({}), "address", "ok", "free"],
      ["a clock before this program", () => ({ system: { now: () => 0 } }), "clock", "fail", "1970"],
      [
        "a data folder that will be made",
        () => ({ roles: { dataFolder: () => join(folder, "a/b") } }),
        "data folder",
        "ok",
        "will be made",
      ],
    ];
  for (const [name, fakes, check, status, detail] of cases)
    test(name, async () => {
      const { checks, exitCode } = await examine(fakes());
      const found = checks.find((one) => one.check === check);
      expect([found?.status, found?.detail.includes(detail)]).toEqual([status, true]);
      expect(exitCode).toBe(checks.some((one) => one.status === "fail") ? 1 : 0);
      if (status !== "ok") expect(found?.advice).toBeString();
    });

  test("a folder that others may read", async () => {
    await chmod(folder, 0o755);
    const { checks } = await examine({});
    await chmod(folder, 0o700);
    expect(checks.find(({ check }) => check === "rights")).toMatchObject({
      status: "warn",
      advice: `chmod 700 '${folder}'`,
    });
  });

  test("a configuration that is wrong, and the other checks nonetheless", async () => {
    const problem = new ConfigurationError([
      { path: "servr", message: "unknown key" },
      { path: "x", message: "unknown key" },
    ]);
    const { checks, exitCode } = await examine({ roles: { loadConfiguration: () => Promise.reject(problem) } });
    expect(checks.filter(({ check }) => check === "configuration")).toHaveLength(2);
    expect(checks.some(({ check }) => check === "clock")).toBe(true);
    expect(exitCode).toBe(1);
  });
});
