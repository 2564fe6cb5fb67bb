import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { administer, ask, chat, eventually, hello, send } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

// Connections are spread over the workers by the system: with so many, each worker has some.
const connections = 12;
let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      server: { workers: 2 },
      routes: { fast: { targets: ["mock/mock-echo"] } },
      auth: { roles: { porter: { permissions: ["keys.read"] } } },
    },
  });
});
afterAll(() => gateway.dispose());

const make = async (fields: object = {}) =>
  (await administer(gateway, "/keys", { body: { name: "one", ...fields } })).body as { id: string; key: string };
const apart = { connection: "close" };

describe("what one worker changes holds in all", () => {
  test("a key that is revoked ends its open streams in each", async () => {
    const { id, key } = await make();
    const messages = [{ role: "user", content: "one two three four five six seven eight nine ten" }];
    const body = { ...hello("fast"), messages, stream: true, mock: { tokensPerSecond: 1 } };
    const streams = await Promise.all(
      Array.from({ length: connections }, () => send(gateway, chat, { key, headers: apart, body })),
    );
    expect(streams.map(({ status }) => status)).toEqual(Array.from({ length: connections }, () => 200));
    const reading = streams.map(async (stream) => {
      const text = await stream.text();
      return { text, at: performance.now() };
    });
    await administer(gateway, `/keys/${id}/revoke`, { method: "POST" });
    const revokedAt = performance.now();
    for (const { text, at } of await Promise.all(reading)) {
      expect(text).toContain("invalid_api_key");
      expect(text).not.toContain(key);
      expect(at - revokedAt).toBeLessThan(1_000);
    }
  });

  test("limits of a key's own count over all of them", async () => {
    const { key } = await make({ limits: [{ requests: 5, per: "hour" }] });
    const answers = await Promise.all(
      Array.from({ length: connections }, () =>
        ask(gateway, chat, { key, headers: apart, body: { ...hello("fast"), max_tokens: 5 } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(connections - 5);
  });

  test("roles of another configuration count in all of them", async () => {
    const { readFileSync, writeFileSync } = await import("node:fs");
    const file = `${gateway.dataFolder}/intellirouter.yaml`;
    const { key } = await make({ role: "porter" });
    const statuses = async (path: string) =>
      new Set(
        (
          await Promise.all(
            Array.from({ length: connections }, () => ask(gateway, `/admin/v1/${path}`, { key, headers: apart })),
          )
        ).map(({ status }) => status),
      );
    expect([...(await statuses("keys")), ...(await statuses("calls"))]).toEqual([200, 403]);
    writeFileSync(file, readFileSync(file, "utf8").replace("keys.read", "calls.read"));
    await eventually("the new role holds everywhere", async () => {
      await administer(gateway, "/reload", { method: "POST" });
      return [...(await statuses("calls"))].join() === "200" && [...(await statuses("keys"))].join() === "403";
    });
  });
});
