import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { administer, ask, chat, hello, presentTag } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startOpenaiUpstream } from "../support/upstream-openai.ts";
import type { FakeUpstream } from "../support/upstream-server.ts";

// Where requests are sent is the operator's to say, and nobody else's.
let gateway: RunningGateway;
let upstream: FakeUpstream;
let administrator: string;
/** Inside of the network: nobody may be brought to ask it. */
let inner: ReturnType<typeof Bun.serve>;
let asked: string[] = [];

beforeAll(async () => {
  upstream = startOpenaiUpstream();
  inner = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      asked.push(request.url);
      return Response.json({ data: [] });
    },
  });
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      providers: { up: { kind: "openai", baseUrl: `${upstream.url}/v1`, apiKey: "sk-configured" } },
    },
    environment: { SOME_SECRET: "canary-of-the-environment" },
  });
  administrator = (await administer(gateway, "/keys", { body: { name: "administrator", role: "admin" } })).body.key;
});
afterAll(async () => {
  await gateway.stop();
  await gateway.dispose();
  await upstream.stop();
  await inner.stop(true);
});

describe("a request does not choose where it is sent", () => {
  const address = () => `http://127.0.0.1:${inner.port}/v1`;
  const fields = [
    "api_base",
    "base_url",
    "baseUrl",
    "api_key",
    "apiKey",
    "custom_llm_provider",
    "host",
    "endpoint",
    "headers",
    "extra_headers",
    "proxy",
    "azure_endpoint",
    "region",
    "aws_region_name",
    "vertex_project",
    "organization",
  ];

  test.each(fields)("by the field %s", async (field) => {
    asked = [];
    const before = upstream.received().length;
    for (const [path, body] of [
      [chat, hello("up/gpt-4.1-mini")],
      ["/v1/completions", { model: "up/gpt-4.1-mini", prompt: "x" }],
      ["/v1/embeddings", { model: "up/text-embedding-3-small", input: "x" }],
      ["/v1/messages", { ...hello("up/gpt-4.1-mini"), max_tokens: 5 }],
    ] as const) {
      const answer = await ask(gateway, path, { key: administrator, body: { ...body, [field]: address() } });
      // Refused; or sent to where it belongs, with the provider's own key, as a field that only the provider knows.
      for (const { headers } of upstream.received().slice(before))
        expect(headers["authorization"]).toBe("Bearer sk-configured");
      if (["api_base", "base_url", "baseUrl", "api_key", "apiKey"].includes(field))
        expect([path, field, answer.status]).toEqual([path, field, 400]);
    }
    expect(asked).toEqual([]);
  });

  test("by a header", async () => {
    asked = [];
    for (const name of [
      "x-upstream-host",
      "x-portkey-custom-host",
      "x-api-base",
      "helicone-target-url",
      "x-forwarded-host",
      "x-target-url",
      "openai-base-url",
    ]) {
      const answer = await ask(gateway, chat, {
        key: administrator,
        headers: { [name]: address() },
        body: hello("up/gpt-4.1-mini"),
      });
      expect([name, answer.status]).toEqual([name, 200]);
      expect(upstream.last().headers[name]).toBeUndefined();
    }
    expect(asked).toEqual([]);
  });

  test("by the model's name", async () => {
    asked = [];
    for (const model of [
      `${address()}/gpt`,
      "up@127.0.0.1/gpt",
      "up#x/gpt",
      "up/../../x",
      "up/gpt?x=1#y",
      `up/${address()}`,
      "//127.0.0.1/gpt",
      "file:///etc/passwd",
    ]) {
      const before = upstream.received().length;
      const answer = await ask(gateway, chat, { key: administrator, body: hello(model) });
      expect([200, 400, 404]).toContain(answer.status);
      for (const { path } of upstream.received().slice(before)) expect(path).toBe("/v1/chat/completions");
    }
    expect(asked).toEqual([]);
  });

  test("by an image's address: nobody fetches it, and one of a data URL is bounded by the body's size", async () => {
    asked = [];
    const content = [{ type: "image_url", image_url: { url: `${address()}/a.png` } }];
    const body = { model: "up/gpt-4.1-mini", messages: [{ role: "user", content }] };
    expect((await ask(gateway, chat, { key: administrator, body })).status).toBe(200);
    expect(asked).toEqual([]);
    const giant = `data:image/png;base64,${"A".repeat(34 * 1024 * 1024)}`;
    const huge = { ...body, messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: giant } }] }] };
    expect((await ask(gateway, chat, { key: administrator, body: huge })).status).toBe(413);
  });
});

const put = async (key: string, baseUrl: string, fields: object = {}) =>
  ask(gateway, "/admin/v1/providers/added", {
    method: "PUT",
    key,
    headers: await presentTag(gateway, "/providers/added"),
    body: { kind: "openai-compatible", baseUrl, enabled: false, ...fields },
  });

describe("a provider that an administrator adds over the network", () => {
  const inward = [
    "http://127.0.0.1:9/v1",
    "http://localhost:9",
    "http://127.1:9",
    "http://2130706433",
    "http://0x7f000001",
    "http://0177.0.0.1",
    "http://[::1]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://0.0.0.0",
    "http://10.0.0.5",
    "http://192.168.1.1",
    "http://172.20.0.1",
    "http://[fc00::1]",
    "http://redis:6379",
    "http://kubernetes.default.svc",
    "http://１２７.0.0.1",
  ];
  const never = [
    "http://169.254.169.254/latest/meta-data",
    "http://2852039166/",
    "http://[::ffff:169.254.169.254]",
    "http://[fd00:ec2::254]",
    "http://metadata.google.internal",
    "http://100.100.100.200",
    "file:///etc/passwd",
    "ftp://example.org",
    "gopher://127.0.0.1:6379/_x",
    "javascript:alert(1)",
    "unix:/var/run/docker.sock",
    "//example.org",
    "http://user:pass@example.org",
    "http://example.org@127.0.0.1",
    "http://example.org/v1?x=1",
    "http://example.org/v1#x",
    "http://exa mple.org",
    "http://",
    "",
  ];
  test.each([...inward, ...never])("%s is refused", async (baseUrl) => {
    const answer = await put(administrator, baseUrl);
    expect([answer.status, answer.body.error.code, answer.body.error.param]).toEqual([400, "invalid_value", "baseUrl"]);
    expect((await administer(gateway, "/providers/added")).status).toBe(404);
  });

  test.each(never)("%s is refused to the machine's owner too", async (baseUrl) => {
    expect((await put(`local-${gateway.localToken}`, baseUrl)).status).toBe(400);
  });

  test("the owner adds local servers, a remote administrator those of others", async () => {
    expect((await put(`local-${gateway.localToken}`, "http://127.0.0.1:9/v1")).status).toBe(200);
    expect((await put(administrator, "https://192.0.2.7/v1")).status).toBe(200);
    expect((await administer(gateway, "/providers/added", { method: "DELETE" })).status).toBe(204);
  });

  test.each(["env:SOME_SECRET", "env:INTELLIROUTER_ADMIN_KEY", "file:/etc/passwd", "file:pepper", "file:master-key"])(
    "a key out of %s is not sent to an address of theirs",
    async (apiKey) => {
      const answer = await put(administrator, "https://192.0.2.7/v1", { apiKey });
      expect([answer.status, answer.body.error.param]).toEqual([400, "apiKey"]);
      expect(answer.text).not.toContain("canary-of-the-environment");
    },
  );

  test("a key that is stored goes to no other address", async () => {
    expect((await put(administrator, "https://192.0.2.7/v1", { apiKey: "sk-stored" })).status).toBe(200);
    const moved = await put(administrator, "https://192.0.2.8/v1");
    expect([moved.status, moved.body.error.param]).toEqual([400, "apiKey"]);
    expect((await administer(gateway, "/providers/added", { method: "DELETE" })).status).toBe(204);
  });
});

test("what admin.privateAddresses and admin.secretReferences allow to everyone is allowed", async () => {
  const open = await startGateway({
    configuration: { admin: { privateAddresses: "everyone", secretReferences: "everyone" } },
    environment: { SOME_SECRET: "canary-of-the-environment" },
  });
  try {
    const { key } = (await administer(open, "/keys", { body: { name: "administrator", role: "admin" } })).body;
    const body = { kind: "openai-compatible", baseUrl: `http://127.0.0.1:${inner.port}/v1`, apiKey: "env:SOME_SECRET" };
    const answer = await ask(open, "/admin/v1/providers/added", { method: "PUT", key, body });
    expect(answer.status, answer.text).toBe(200);
  } finally {
    await open.stop();
    await open.dispose();
  }
});
