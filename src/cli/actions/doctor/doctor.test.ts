import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
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
  secrets: [],
};
const database = (integrity: string, pendingMigrations: readonly string[]) => ({
  inspectStorage: async () => ({
    folder,
    database: { file: join(folder, "none.db"), integrity, pendingMigrations, newestRecord: null },
  }),
});
const configured = (changes: Partial<ConfigurationReport>) => ({
  loadConfiguration: async () => ({ ...healthy, ...changes }),
});

const secretOf = (changes: Partial<ConfigurationReport["secrets"][number]>) =>
  configured({
    secrets: [
      {
        ...{ path: "providers.openai.apiKey", source: "c.yaml:3", file: join(folder, "c.yaml") },
        ...{ isLiteral: false, weakness: null, ...changes },
      },
    ],
  });
const variable = (refusal: string | null, weakness: string | null) => ({
  inspectVariables: async () => [{ name: "INTELLIROUTER_ADMIN_KEY", refusal, weakness }],
});
const stored = (keys: readonly object[], changes: Partial<ConfigurationReport> = {}): Fakes => ({
  roles: { ...database("ok", []), ...configured(changes) },
  answers: { "GET /admin/v1/keys": { data: keys } },
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
        "a clock before the ledger's newest record",
        () => ({
          roles: {
            inspectStorage: async () => ({
              folder,
              database: {
                ...{ file: join(folder, "none.db"), integrity: "ok", pendingMigrations: [] },
                newestRecord: Date.UTC(2027, 0, 1),
              },
            }),
          },
        }),
        "clock",
        "fail",
        "before the ledger's newest record, of 2027-01-01",
      ],
      ["a variable that is fine", () => ({ roles: variable(null, null) }), "secrets", "ok", "ADMIN_KEY is set"],
      [
        "a variable that stops the start",
        () => ({ roles: variable("ADMIN_KEY has 3 characters", null) }),
        "secrets",
        "fail",
        "has 3 characters",
      ],
      [
        "a variable of an example",
        () => ({ roles: variable(null, "is a word that stands in examples") }),
        "secrets",
        "fail",
        "INTELLIROUTER_ADMIN_KEY is a word",
      ],
      [
        "a provider's key of an example",
        () => ({ roles: secretOf({ weakness: "is a word that stands in examples" }) }),
        "secrets",
        "warn",
        "providers.openai.apiKey is a word that stands in examples (c.yaml:3)",
      ],
      [
        "a literal secret",
        () => ({ roles: secretOf({ isLiteral: true }) }),
        "secrets",
        "warn",
        "providers.openai.apiKey stands as text in the configuration (c.yaml:3)",
      ],
      ["no key yet, on loopback", () => stored([]), "access", "warn", "no key was ever made"],
      ["keys, on loopback", () => stored([{ state: "active" }]), "access", "ok", "a key is needed"],
      ["no key, for all", () => stored([], { host: "0.0.0.0" }), "access", "fail", "no key keeps them out"],
      ["keys, for all", () => stored([{}], { host: "::" }), "access", "warn", "without TLS"],
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

  describe("rights", () => {
    const rights = async (roles: Fakes["roles"] = {}) =>
      (await examine({ roles: { ...database("ok", []), ...roles } })).checks
        .filter(({ check }) => check === "rights")
        .map(({ status, detail, advice }) => ({ status, detail: detail.replaceAll(folder, ""), advice }));
    const make = async (name: string, mode: number): Promise<string> => {
      const path = join(folder, name);
      await writeFile(path, "");
      await chmod(path, mode);
      return path;
    };

    test("of the folder itself", async () => {
      await chmod(folder, 0o755);
      const found = await rights();
      await chmod(folder, 0o700);
      expect(found).toEqual([
        { status: "warn", detail: " is open to other users (mode 755)", advice: `chmod 700 '${folder}'` },
      ]);
      expect(await rights()).toEqual([]);
    });

    const secret = "holds secrets and can be read by other users";
    test.each([
      ["pepper", 0o640, "fail", secret],
      ["master-key", 0o604, "fail", secret],
      ["intellirouter.db", 0o644, "fail", secret],
      ["intellirouter.db-wal", 0o644, "fail", secret],
      ["server.json", 0o644, "fail", secret],
      ["0001.journal", 0o644, "warn", "is open to other users"],
      ["pepper", 0o620, "warn", "is open to other users"],
    ])("of %s with mode %o: %s", async (name, mode, status, detail) => {
      const path = await make(name, mode);
      expect(await rights()).toEqual([
        { status, detail: `/${name} ${detail} (mode ${mode.toString(8)})`, advice: `chmod 600 '${path}'` },
      ]);
      await rm(path);
    });

    test("of a configuration file, where secrets stand in it", async () => {
      const path = await make("c.yaml", 0o644);
      expect(await rights(secretOf({ isLiteral: true }))).toMatchObject([{ status: "fail" }]);
      expect(await rights(secretOf({}))).toMatchObject([{ status: "warn" }]);
      await chmod(path, 0o600);
      expect(await rights(secretOf({ isLiteral: true }))).toEqual([]);
      await rm(path);
    });

    test("of many files are not listed without end", async () => {
      const paths = await Promise.all(Array.from({ length: 30 }, (_, index) => make(`file${index}`, 0o644)));
      const found = await rights();
      expect(found).toHaveLength(21);
      expect(found.at(-1)?.detail).toBe("10 further files are like these");
      await Promise.all(paths.map((path) => rm(path)));
    });

    // Only the superuser gives files away.
    test.if(process.getuid?.() === 0)("of files that belong to another user", async () => {
      const path = await make("pepper", 0o600);
      await chown(path, 12_345, 12_345);
      const { checks } = await examine({});
      expect(checks.filter(({ check }) => check === "owner")).toMatchObject([
        { status: "warn", detail: `${path} belongs to another user (id 12345, not 0)` },
      ]);
      await rm(path);
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
