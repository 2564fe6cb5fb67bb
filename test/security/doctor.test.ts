import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { administer, ask, chat, eventually, hello } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { filesOf } from "./data-folder.ts";

let gateway: RunningGateway;
const secret = "sk-canary-of-the-file";

beforeAll(async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "intellirouter-doctor-"));
  // As somebody makes it by hand: what is in it must not rely on it.
  chmodSync(dataFolder, 0o755);
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      providers: {
        literal: { kind: "openai", apiKey: secret, baseUrl: "http://127.0.0.1:9/v1", headers: { "X-Team": secret } },
        careless: { kind: "openai", apiKey: "env:CARELESS", baseUrl: "http://127.0.0.1:9/v1" },
      },
    },
    dataFolder,
    environment: { CARELESS: "changeme" },
  });
  await administer(gateway, "/keys", { body: { name: "one" } });
  const key = `local-${gateway.localToken}`;
  expect((await ask(gateway, chat, { key, body: hello("mock/mock-echo") })).status).toBe(200);
  await eventually("the journal is there", () =>
    [...filesOf(dataFolder).keys()].some((path) => path.includes("journal")),
  );
});
afterAll(async () => {
  await gateway.stop();
  await gateway.dispose();
  rmSync(gateway.dataFolder, { recursive: true, force: true });
});

interface Found {
  readonly check: string;
  readonly status: string;
  readonly detail: string;
  readonly advice?: string;
}
const doctor = async (environment: Readonly<Record<string, string>> = {}, ...flags: readonly string[]) => {
  const file = join(gateway.dataFolder, "intellirouter.yaml");
  const args = ["doctor", "--json", "--config", file, "--data", gateway.dataFolder, ...flags];
  const { exitCode, output } = await runProgram(args, { CARELESS: "changeme", ...environment });
  expect(output).not.toContain(secret);
  const { ok, checks } = JSON.parse(output) as { ok: boolean; checks: readonly Found[] };
  for (const { status, advice } of checks) if (status === "warn") expect(advice).toBeString();
  expect(exitCode).toBe(ok ? 0 : 1);
  return { ok, checks };
};

describe("doctor, on an installation", () => {
  test("every file that the program makes is its owner's only, whatever the folder's rights", () => {
    const made = [...filesOf(gateway.dataFolder).keys()].filter(
      // These are the test's own, and the runtime's where it runs from sources.
      (path) => !path.includes("/.bun/") && !["intellirouter.yaml", "output.log"].includes(basename(path)),
    );
    const names = made.map((path) => basename(path));
    for (const name of [
      "pepper",
      "master-key",
      "server.json",
      "intellirouter.db",
      "intellirouter.db-wal",
      "audit.head",
    ])
      expect(names).toContain(name);
    for (const path of made) expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
  });

  test("finds secrets in the configuration, its rights, and keys of examples, and repeats none", async () => {
    chmodSync(join(gateway.dataFolder, "intellirouter.yaml"), 0o644);
    const { ok, checks } = await doctor();
    const details = (name: string) => checks.filter(({ check }) => check === name).map(({ detail }) => detail);
    expect(ok).toBe(false);
    expect(details("secrets").join("\n")).toMatch(/providers\.literal\.apiKey stands as text in the configuration/);
    expect(details("secrets").join("\n")).toMatch(/providers\.literal\.headers\.X-Team stands as text/);
    expect(details("secrets").join("\n")).toMatch(/providers\.careless\.apiKey is a word that stands in examples/);
    expect(details("rights").join("\n")).toMatch(/intellirouter\.yaml holds secrets and can be read by other users/);
    expect(details("access")).toEqual(["127.0.0.1, this machine only; a key is needed"]);
    expect(checks.find(({ check }) => check === "rights")?.advice).toMatch(/^chmod 600 '/);
  });

  test("finds a pepper that others can read", async () => {
    const pepper = join(gateway.dataFolder, "pepper");
    chmodSync(pepper, 0o644);
    const { ok, checks } = await doctor();
    chmodSync(pepper, 0o600);
    expect(ok).toBe(false);
    expect(checks).toContainEqual(
      expect.objectContaining({ check: "rights", status: "fail", advice: `chmod 600 '${pepper}'` }),
    );
  });

  test("finds a variable that the start would refuse", async () => {
    const { ok, checks } = await doctor({ INTELLIROUTER_ADMIN_KEY: "short" });
    expect(ok).toBe(false);
    expect(checks).toContainEqual(
      expect.objectContaining({
        check: "secrets",
        status: "fail",
        detail: expect.stringContaining("has 5 characters"),
      }),
    );
  });

  test("finds an address that others reach", async () => {
    const { checks } = await doctor({ INTELLIROUTER_SERVER__HOST: "0.0.0.0" });
    expect(checks.filter(({ check }) => check === "access")).toMatchObject([
      { status: "warn", detail: expect.stringContaining("without TLS") },
    ]);
  });
});
