import { describe, expect, test } from "bun:test";
import { ConfigurationError } from "../config/problem.ts";
import { GatewayError } from "../core/errors.ts";
import { type Fakes, runFaked, testNow } from "./testing.ts";

const refusal = (status: number, code: string) =>
  Response.json({ error: { code, message: `Refused: ${code}.` } }, { status });
const broken = (error: Error): Fakes => ({
  roles: {
    openLocal: async () => {
      throw error;
    },
  },
});
const unreachable: Fakes = {
  system: {
    fetch: async () => {
      throw new TypeError("connection refused");
    },
  },
};
const problem = new ConfigurationError([{ path: "servr", message: "unknown key", suggestion: "server" }]);

describe("exit codes, and one document with --json", () => {
  const cases: readonly (readonly [line: string, fakes: Fakes, exitCode: number, code: string | undefined])[] = [
    ["version", {}, 0, undefined],
    ["--help", {}, 0, undefined],
    ["keys create --help", {}, 0, undefined],
    ["", {}, 2, "wrong_usage"],
    ["config", {}, 2, "wrong_usage"],
    ["nope", {}, 2, "wrong_usage"],
    ["models --nope", {}, 2, "wrong_usage"],
    ["keys create", {}, 2, "wrong_usage"],
    ["usage --by king", {}, 2, "wrong_usage"],
    ["keys revoke k1", {}, 2, "wrong_usage"],
    ["usage --since yesterday", {}, 2, "wrong_usage"],
    ["users update user_1", {}, 2, "wrong_usage"],
    ["keys update k1", {}, 2, "wrong_usage"],
    ["keys create ci --limit 60", {}, 2, "wrong_usage"],
    ["models add nameless", {}, 2, "wrong_usage"],
    ["models --url ftp://x", {}, 2, "wrong_usage"],
    ["models", { answers: { "GET /admin/v1/models": refusal(401, "invalid_api_key") } }, 77, "invalid_api_key"],
    ["models", { answers: { "GET /admin/v1/models": refusal(403, "permission_denied") } }, 77, "permission_denied"],
    ["models", { answers: { "GET /admin/v1/models": refusal(500, "internal_error") } }, 1, "internal_error"],
    ["models", { answers: { "GET /admin/v1/models": new Response("<html>", { status: 200 }) } }, 1, "invalid_response"],
    ["models", { answers: { "GET /admin/v1/models": { data: [{}] } } }, 1, "invalid_response"],
    ["explain req_1", {}, 1, "not_found"],
    ["models --url http://gone.example", unreachable, 69, "unreachable"],
    ["models", broken(problem), 78, "invalid_configuration"],
    ["models", broken(new GatewayError("storage_unavailable", "The database is locked.")), 1, "storage_unavailable"],
    ["models", broken(Object.assign(new Error("denied"), { code: "EACCES" })), 77, "not_permitted"],
  ];
  for (const [line, fakes, exitCode, code] of cases) {
    const argv = line === "" ? [] : line.split(" ");
    test(`${line || "nothing"} → ${exitCode}${code === undefined ? "" : ` ${code}`}`, async () => {
      const plain = await runFaked(argv, fakes);
      expect(plain.exitCode).toBe(exitCode);
      if (code === undefined) return;
      expect(plain.stderr).not.toBe("");
      const json = await runFaked([...argv, "--json"], fakes);
      expect([json.exitCode, json.stderr.includes("error:")]).toEqual([exitCode, false]);
      expect(JSON.parse(json.stdout).error.code).toBe(code);
    });
  }

  test("problems of the configuration come as a list", async () => {
    const { stdout } = await runFaked(["models", "--json"], broken(problem));
    expect(JSON.parse(stdout).error.problems).toEqual([
      { path: "servr", message: "unknown key", suggestion: "server" },
    ]);
  });

  test("terminal escapes in the gateway's error do not reach the terminal", async () => {
    const answer = Response.json({ error: { code: "x", message: "a\u001b[2Jb" } }, { status: 400 });
    const { stderr } = await runFaked(["models"], { answers: { "GET /admin/v1/models": answer } });
    expect(stderr).toBe("error: a[2Jb\n");
  });
});

describe("flags of up", () => {
  test("stand for configuration keys", async () => {
    let seen: unknown;
    const up = async (options: { flags: unknown }) => {
      seen = options.flags;
    };
    await runFaked(["run", "--port", "9000", "--set", "logging.level=debug", "--host", "::1"], { roles: { up } });
    expect(seen).toEqual([
      { flag: "--port", path: ["server", "port"], value: "9000" },
      { flag: "--host", path: ["server", "host"], value: "::1" },
      { flag: "--set logging.level", path: ["logging", "level"], value: "debug" },
    ]);
  });
});

const key = {
  id: "k1",
  name: "ci",
  suffix: "abcd",
  role: "developer",
  routes: ["fast"],
  models: null,
  state: "active",
};

describe("requests that commands send", () => {
  const model = { id: "lab/m/x", provider: "lab", model: "m/x", enabled: true, revision: 3, source: "database" };
  const provider = {
    name: "lab",
    kind: "ollama",
    baseUrl: "http://h",
    source: "database",
    priority: 5,
    enabled: true,
    revision: 2,
  };
  const entry = { id: "acme", name: "Acme", revision: 4, createdAt: "2026-11-01T00:00:00.000Z" };
  const answers = {
    "GET /admin/v1/roles": { data: [{ name: "viewer", permissions: ["keys.read"] }] },
    "GET /admin/v1/tenants": { data: [entry], next: null },
    "GET /admin/v1/tenants/acme": entry,
    "PATCH /admin/v1/tenants/acme": entry,
    "POST /admin/v1/tenants/acme/teams": entry,
    "GET /admin/v1/tenants/acme/teams/search": { ...entry, profile: { deniedModels: ["a"], routing: false } },
    "PATCH /admin/v1/tenants/acme/teams/search": entry,
    "POST /admin/v1/tenants/acme/users": entry,
    "GET /admin/v1/tenants/acme/users/user_1": { ...entry, id: "user_1" },
    "PATCH /admin/v1/tenants/acme/users/user_1": { ...entry, id: "user_1" },
    "DELETE /admin/v1/tenants/acme/teams/search": new Response(null, { status: 204 }),
    "GET /admin/v1/keys": { data: [key] },
    "POST /admin/v1/keys": { ...key, key: "ir-secret" },
    "GET /admin/v1/keys/k1": { ...key, revision: 2 },
    "PATCH /admin/v1/keys/k1": key,
    "POST /admin/v1/keys/k1/rotate": { ...key, key: "ir-newer" },
    "POST /admin/v1/keys/k1/revoke": { ...key, state: "revoked" },
    "GET /admin/v1/models": {
      data: [{ ...model, facts: { contextTokens: 1, source: "admin", price: { input: 1, output: 2 } } }],
    },
    "PUT /admin/v1/models/lab/m/x": { ...model, facts: {} },
    "GET /admin/v1/providers": { data: [provider] },
    "PUT /admin/v1/providers/lab": provider,
    "PUT /admin/v1/providers/new": { ...provider, name: "new" },
    "GET /admin/v1/usage": { data: [] },
  };
  const cases: readonly (readonly [line: string, fakes: Fakes, request: object])[] = [
    [
      "keys create ci --routes fast,slow --routes x --expires 1d",
      {},
      {
        method: "POST",
        path: "/admin/v1/keys",
        body: {
          name: "ci",
          role: "developer",
          routes: ["fast", "slow", "x"],
          expiresAt: new Date(testNow + 86_400_000).toISOString(),
        },
      },
    ],
    ["keys create ci --priority low", {}, { body: { name: "ci", role: "developer", priority: "low" } }],
    [
      "keys create ci --tenant acme --user user_1 --tenant-only",
      {},
      { body: { name: "ci", role: "developer", tenant: "acme", userId: "user_1", everywhere: false } },
    ],
    [
      "keys create ci --addresses 10.0.0.0/8,::1 --limit requests=60/minute --limit concurrent=5 --fixed-model fast --no-routing",
      {},
      {
        body: {
          ...{ name: "ci", role: "developer", allowedAddresses: ["10.0.0.0/8", "::1"] },
          limits: [{ requests: 60, per: "minute" }, { concurrent: 5 }],
          profile: { model: "fast", routing: false },
        },
      },
    ],
    ["keys update ci --priority high", {}, { method: "PATCH", path: "/admin/v1/keys/k1", body: { priority: "high" } }],
    [
      "keys update ci --limit tokens=9/day --models= --team=",
      {},
      {
        ...{ method: "PATCH", path: "/admin/v1/keys/k1", ifMatch: '"2"' },
        body: { limits: [{ tokens: 9, per: "day" }], models: null, team: null },
      },
    ],
    ["roles", {}, { method: "GET", path: "/admin/v1/roles" }],
    ["tenants rename acme New", {}, { method: "PATCH", ifMatch: '"4"', body: { name: "New" } }],
    // The only tenant that the caller sees is the one that is meant.
    ["teams create search", {}, { method: "POST", path: "/admin/v1/tenants/acme/teams", body: { id: "search" } }],
    [
      "teams create search --deny-models a,b --strategy random --no-routing",
      {},
      { body: { id: "search", profile: { deniedModels: ["a", "b"], strategy: "random", routing: false } } },
    ],
    [
      "teams update search --fixed-model fast",
      {},
      {
        ...{ method: "PATCH", path: "/admin/v1/tenants/acme/teams/search", ifMatch: '"4"' },
        body: { profile: { deniedModels: ["a"], model: "fast", routing: false } },
      },
    ],
    ["teams update search --deny-models= --routing", {}, { body: { profile: null } }],
    ["teams update search --name S", {}, { body: { name: "S" } }],
    ["teams delete search --yes", {}, { method: "DELETE", path: "/admin/v1/tenants/acme/teams/search" }],
    [
      "users create Ada --email a@b.example --teams x,y --tenant acme",
      {},
      { path: "/admin/v1/tenants/acme/users", body: { name: "Ada", email: "a@b.example", teams: ["x", "y"] } },
    ],
    [
      "users update user_1 --role viewer --tenant acme",
      {},
      { method: "PATCH", ifMatch: '"4"', path: "/admin/v1/tenants/acme/users/user_1", body: { role: "viewer" } },
    ],
    ["keys rotate ci --overlap 1h", {}, { path: "/admin/v1/keys/k1/rotate", body: { overlapSeconds: 3_600 } }],
    ["keys revoke k1 --yes", {}, { method: "POST", path: "/admin/v1/keys/k1/revoke" }],
    [
      "models set lab/m/x --output-price 3 --disable",
      {},
      { ifMatch: '"3"', body: { facts: { contextTokens: 1, price: { input: 1, output: 3 } }, enabled: false } },
    ],
    [
      "providers set lab --enable",
      {},
      { ifMatch: '"2"', body: { kind: "ollama", baseUrl: "http://h", priority: 5, enabled: true } },
    ],
    [
      "providers set lab --no-key",
      {},
      { body: { kind: "ollama", baseUrl: "http://h", priority: 5, enabled: true, apiKey: null } },
    ],
    ["providers add new --kind openai --key-stdin", { piped: "sk-1\n" }, { body: { kind: "openai", apiKey: "sk-1" } }],
    [
      "providers add new --kind openai",
      { isTerminal: true, password: "sk-2" },
      { body: { kind: "openai", apiKey: "sk-2" } },
    ],
    [
      "providers add new --kind x --key-from env:K --option a=1 --option b=c",
      {},
      { body: { kind: "x", apiKey: "env:K", options: { a: 1, b: "c" } } },
    ],
    [
      "usage --by key --since 1d",
      {},
      { path: `/admin/v1/usage?by=key&since=${encodeURIComponent(new Date(testNow - 86_400_000).toISOString())}` },
    ],
    ["keys", { environment: { INTELLIROUTER_API_KEY: "ir-env" } }, { authorization: "Bearer ir-env" }],
    [
      "keys --api-key ir-flag",
      { environment: { INTELLIROUTER_API_KEY: "ir-env" } },
      { authorization: "Bearer ir-flag" },
    ],
  ];
  for (const [line, fakes, request] of cases)
    test(line, async () => {
      const { exitCode, requests, stderr } = await runFaked(line.split(" "), { answers, ...fakes });
      expect([exitCode, stderr.includes("error:")]).toEqual([0, false]);
      expect(requests.at(-1)).toMatchObject(request);
    });

  test("a new key goes alone to standard output, and lists never hold one", async () => {
    const made = await runFaked(["keys", "create", "ci"], { answers });
    expect(made.stdout).toBe("ir-secret\n");
    const listed = await runFaked(["keys"], { answers });
    expect(listed.stdout).toContain("…abcd");
    expect(listed.stdout).not.toContain("ir-");
  });

  test("what is removed is asked for first", async () => {
    const declined = await runFaked(["keys", "revoke", "ci"], { answers, isTerminal: true, confirms: false });
    expect([declined.exitCode, declined.requests.length]).toEqual([1, 0]);
    const agreed = await runFaked(["keys", "revoke", "ci"], { answers, isTerminal: true, confirms: true });
    expect([agreed.exitCode, agreed.requests.at(-1)?.path]).toEqual([0, "/admin/v1/keys/k1/revoke"]);
  });

  test("two keys of one name are not guessed between", async () => {
    const two = { "GET /admin/v1/keys": { data: [key, { ...key, id: "k2" }] } };
    const { exitCode, stderr } = await runFaked(["keys", "rotate", "ci"], { answers: two });
    expect([exitCode, stderr.includes("k1, k2")]).toEqual([1, true]);
  });
});
