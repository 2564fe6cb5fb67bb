import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { administer } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { startGateway } from "../support/start-gateway.ts";

const root = mkdtempSync(join(tmpdir(), "intellirouter-empty-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;

const startWith = async (configuration: object, environment: Readonly<Record<string, string>>) => {
  const folder = join(root, String(folders++));
  const file = join(root, `${folders}.yaml`);
  writeFileSync(file, JSON.stringify({ discovery: { environment: false, local: false }, ...configuration }));
  const args = ["up", "--config", file, "--data", folder, "--port", "0"];
  return { folder, ...(await runProgram(args, environment)) };
};

const provider = (settings: object) => ({ providers: { lab: { kind: "openai", ...settings } } });
writeFileSync(join(root, "empty"), "\n");

describe("an empty secret refuses the start, and the message names it", () => {
  test.each([
    ["the administrator's key", {}, { INTELLIROUTER_ADMIN_KEY: "" }, "INTELLIROUTER_ADMIN_KEY is set and empty"],
    ["a blank one", {}, { INTELLIROUTER_ADMIN_KEY: " " }, "INTELLIROUTER_ADMIN_KEY is set and empty"],
    ["a short one", {}, { INTELLIROUTER_ADMIN_KEY: "0123456789" }, "INTELLIROUTER_ADMIN_KEY has 10 characters"],
    ["the pepper", {}, { INTELLIROUTER_PEPPER: "" }, "INTELLIROUTER_PEPPER is set and empty"],
    ["the master key", {}, { INTELLIROUTER_MASTER_KEY: "" }, "INTELLIROUTER_MASTER_KEY is set and empty"],
    [
      "the former master key",
      {},
      { INTELLIROUTER_MASTER_KEY_PREVIOUS: "" },
      "INTELLIROUTER_MASTER_KEY_PREVIOUS is set and empty",
    ],
    ["a provider's key", provider({ apiKey: "" }), {}, "providers.lab.apiKey"],
    ["a blank one", provider({ apiKey: "  " }), {}, "providers.lab.apiKey"],
    ["one of several", provider({ apiKeys: ["x", ""] }), {}, "providers.lab.apiKeys[1]"],
    ["one of an empty variable", provider({ apiKey: "env:LAB_KEY" }), { LAB_KEY: "" }, "LAB_KEY is empty"],
    ["one of a variable that is not set", provider({ apiKey: "env:LAB_KEY" }), {}, "LAB_KEY is not set"],
    ["one of an empty file", provider({ apiKey: `file:${join(root, "empty")}` }), {}, "is empty"],
    ["a header's value", provider({ headers: { Authorization: "" } }), {}, "providers.lab.headers.Authorization"],
  ] as const)("%s", async (_, configuration, environment, message) => {
    const { exitCode, output } = await startWith(configuration, environment);
    expect(exitCode, output).toBeGreaterThan(0);
    expect(output).toContain(message);
    expect(output).not.toContain("listens on");
  });

  test("nothing was made of an empty secret", async () => {
    const { folder } = await startWith({}, { INTELLIROUTER_MASTER_KEY: "" });
    expect(readdirSync(folder)).not.toContain("master-key");
  });

  test("an empty key is no key for the admin API either", async () => {
    const gateway = await startGateway({ configuration: {} });
    try {
      const body = { kind: "openai", apiKey: "" };
      for (const apiKey of ["", "  "]) {
        const answer = await administer(gateway, "/providers/lab", { method: "PUT", body: { ...body, apiKey } });
        expect(answer.status, answer.text).toBe(400);
        expect(answer.body.error.code).toBe("invalid_value");
      }
    } finally {
      await gateway.stop();
      await gateway.dispose();
    }
  });
});
