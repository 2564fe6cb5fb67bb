import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { administer, ask, presentTag } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { rowsOf } from "./rows.ts";

/** Forms that no pattern knows, so that nothing but their place can hide them. Blanks keep them from being tokens. */
const canary = {
  provider: "canary provider zq81",
  changed: "canary changed wv37",
  kind: "canary kind tn22",
  admin: "canary-environment-key-rk95",
};

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json({ data: [] }) });
let gateway: RunningGateway;
const secrets: string[] = Object.values(canary);

beforeAll(async () => {
  gateway = await startGateway({
    configuration: { logging: { level: "debug" } },
    environment: { INTELLIROUTER_ADMIN_KEY: canary.admin },
  });
  const settings = { kind: "openai-compatible", baseUrl: `${upstream.url}v1` };
  const put = async (body: object) =>
    expect(
      (
        await administer(gateway, "/providers/lab", {
          ...{ method: "PUT", body: { ...settings, ...body } },
          headers: await presentTag(gateway, "/providers/lab"),
        })
      ).status,
    ).toBe(200);
  const kept: string[] = [];
  for (const path of ["/keys", "/keys"]) {
    const { body } = await ask(gateway, `/admin/v1${path}`, {
      key: canary.admin,
      body: { name: "one", role: "admin" },
    });
    kept.push(body.id);
    secrets.push(body.key);
  }
  await put({ apiKey: canary.provider });
  await put({ apiKey: canary.changed });
  await put({ apiKey: canary.provider });
  secrets.push((await administer(gateway, `/keys/${kept[0]}/rotate`, { method: "POST" })).body.key);
  await administer(gateway, `/keys/${kept[1]}/revoke`, { method: "POST" });
  await administer(gateway, "/providers/lab/test", { method: "POST" });
  // Refused ones, with secrets in every place that a client may choose.
  const key = secrets.at(-1) ?? "";
  const wrong: readonly (readonly [method: string, path: string, body?: unknown])[] = [
    ["POST", `/keys/${key}/revoke`],
    ["POST", `/keys/${key}/rotate`],
    ["POST", "/keys", { name: "x", [key]: 1 }],
    ["POST", "/keys", { name: key, role: canary.provider }],
    ["PUT", "/providers/bad", { ...settings, kind: canary.kind, apiKey: canary.provider }],
    ["PUT", `/providers/${key}/x`, { apiKey: canary.provider }],
    ["DELETE", `/providers/${key}`],
    ["DELETE", `/models/lab/${key}`],
  ];
  for (const [method, path, body] of wrong) {
    const { status } = await administer(gateway, path, { method, ...(body === undefined ? {} : { body }) });
    expect([path.slice(0, 14), status]).toEqual([path.slice(0, 14), expect.any(Number)]);
    expect(status).toBeGreaterThanOrEqual(400);
  }
}, 30_000);
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop(true);
});

const expectNone = (text: string, where: string): void => {
  for (const secret of secrets) expect([where, secret, text.includes(secret)]).toEqual([where, secret, false]);
};

test("the rows tell that a key was changed, and not to what", async () => {
  const rows = await rowsOf(gateway, "&action=provider.update");
  const masked = { field: "settings.apiKey", before: "[secret]", after: "[secret]" };
  expect(rows.map(({ changes }) => changes)).toEqual([[masked], [masked]]);
});

test("no secret stands in the export, the list or the log", async () => {
  for (const args of [
    ["audit", "export"],
    ["audit", "list"],
    ["audit", "list", "--json"],
  ]) {
    const { exitCode, output } = await runProgram([...args, "--data", gateway.dataFolder]);
    expect(exitCode).toBe(0);
    expect(output.length).toBeGreaterThan(1_000);
    expectNone(output, args.join(" "));
  }
  expect(gateway.logs()).toContain("refused");
  expectNone(gateway.logs(), "log");
});

test("no secret stands in any file", async () => {
  await gateway.stop();
  const files = readdirSync(gateway.dataFolder, { recursive: true })
    .map((name) => join(gateway.dataFolder, String(name)))
    .filter((path) => statSync(path).isFile());
  expect(files.some((path) => path.endsWith("intellirouter.db"))).toBe(true);
  for (const path of files) expectNone(readFileSync(path, "latin1"), path);
});
