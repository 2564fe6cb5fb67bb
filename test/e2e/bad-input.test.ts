import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { validateReply } from "../conformance/validate.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startOpenaiUpstream } from "../support/upstream-openai.ts";
import type { FakeUpstream } from "../support/upstream-server.ts";
import { ask, chat, hello, type Request } from "./ask.ts";

const maxBodyBytes = 4_000_000;
const model = "mock/mock-echo";

let gateway: RunningGateway;
let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = startOpenaiUpstream();
  gateway = await startGateway({
    configuration: {
      server: { maxBodyBytes },
      discovery: { mock: true },
      providers: { up: { kind: "openai", baseUrl: `${upstream.url}/v1`, apiKey: "key" } },
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await gateway.dispose();
  await upstream.stop();
});
afterEach(async () => {
  // Whatever came, the program lives and serves the next call.
  expect((await ask(gateway, chat, { body: hello(model) })).status).toBe(200);
});

const text = (value: object): string => JSON.stringify(value);
const withField = (fields: string): string => `{"model":"${model}",${fields}}`;
const messages = '"messages":[{"role":"user","content":"hello"}]';
const nested = (depth: number): string =>
  withField(`${messages},"metadata":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
const invalidUtf8 = new Uint8Array([
  ...Buffer.from(`{"model":"${model}","messages":[{"role":"user","content":"`),
  0xff,
  0xfe,
  ...Buffer.from('"}]}'),
]);

interface Case {
  readonly name: string;
  readonly body?: unknown;
  readonly request?: Request;
  readonly path?: string;
  readonly status: number;
  readonly code: string;
  readonly param?: string | RegExp;
}

const cases: readonly Case[] = [
  { name: "not JSON", body: "{", status: 400, code: "invalid_json" },
  { name: "nothing", body: "", status: 400, code: "invalid_json" },
  { name: "an array", body: "[]", status: 400, code: "invalid_json" },
  { name: "null", body: "null", status: 400, code: "invalid_json" },
  { name: "a number behind the object", body: `${text(hello(model))} 1`, status: 400, code: "invalid_json" },
  { name: "no model", body: { messages: [] }, status: 400, code: "missing_required_parameter", param: "model" },
  {
    name: "another case of the key",
    body: { Model: model, ...{ messages: hello(model).messages } },
    status: 400,
    code: "unsupported_parameter",
    param: "Model",
  },
  {
    name: "a model that is a number",
    body: { ...hello(model), model: 3 },
    status: 400,
    code: "invalid_value",
    param: "model",
  },
  { name: "no messages", body: { model }, status: 400, code: "missing_required_parameter", param: "messages" },
  { name: "empty messages", body: { model, messages: [] }, status: 400, code: "invalid_value", param: "messages" },
  {
    name: "messages that are a string",
    body: { model, messages: "hello" },
    status: 400,
    code: "invalid_value",
    param: "messages",
  },
  {
    name: "a message that is null",
    body: { model, messages: [null] },
    status: 400,
    code: "invalid_value",
    param: /^messages\.0/,
  },
  {
    name: "an unknown role",
    body: { model, messages: [{ role: "wizard", content: "x" }] },
    status: 400,
    code: "invalid_value",
    param: "messages.0.role",
  },
  {
    name: "content that is a number",
    body: { model, messages: [{ role: "user", content: 1 }] },
    status: 400,
    code: "invalid_value",
    param: /^messages\.0/,
  },
  {
    name: "an image without an address",
    body: { model, messages: [{ role: "user", content: [{ type: "image_url" }] }] },
    status: 400,
    code: "missing_required_parameter",
    param: /^messages\.0\.content\.0/,
  },
  {
    name: "a temperature in words",
    body: { ...hello(model), temperature: "warm" },
    status: 400,
    code: "invalid_value",
    param: "temperature",
  },
  {
    name: "negative max_tokens",
    body: { ...hello(model), max_tokens: -1 },
    status: 400,
    code: "invalid_value",
    param: "max_tokens",
  },
  {
    name: "max_tokens with a fraction",
    body: { ...hello(model), max_tokens: 1.5 },
    status: 400,
    code: "invalid_value",
    param: "max_tokens",
  },
  {
    name: "max_tokens beyond all numbers",
    body: withField(`${messages},"max_tokens":1e999`),
    status: 400,
    code: "invalid_value",
    param: "max_tokens",
  },
  { name: "n=129", body: { ...hello(model), n: 129 }, status: 400, code: "invalid_value", param: "n" },
  { name: "n=0", body: { ...hello(model), n: 0 }, status: 400, code: "invalid_value", param: "n" },
  {
    name: "stream in words",
    body: { ...hello(model), stream: "yes" },
    status: 400,
    code: "invalid_value",
    param: "stream",
  },
  {
    name: "tools that are an object",
    body: { ...hello(model), tools: {} },
    status: 400,
    code: "invalid_value",
    param: "tools",
  },
  { name: "an unknown model", body: hello("mock-ecko"), status: 404, code: "model_not_found", param: "model" },
  {
    name: "a model with a path",
    body: hello("../../etc/passwd"),
    status: 404,
    code: "model_not_found",
    param: "model",
  },
  { name: "a model with NUL", body: hello("mock\u0000"), status: 404, code: "model_not_found", param: "model" },
  { name: "a model of 100,000 characters", body: hello("m".repeat(100_000)), status: 404, code: "model_not_found" },
  { name: "depth 10,000", body: nested(10_000), status: 400, code: "json_too_deep" },
  { name: "depth 65", body: nested(64), status: 400, code: "json_too_deep" },
  { name: "invalid UTF-8", body: invalidUtf8, status: 400, code: "invalid_encoding" },
  { name: "a key twice", body: withField(`"model":"other",${messages}`), status: 400, code: "duplicate_key" },
  {
    name: "a key twice, deep down",
    body: withField(`"messages":[{"role":"user","content":"a","content":"b"}]`),
    status: 400,
    code: "duplicate_key",
  },
  {
    name: "a key twice, once escaped",
    body: withField(`"m\\u006fdel":"other",${messages}`),
    status: 400,
    code: "duplicate_key",
  },
  {
    name: "__proto__",
    body: withField(`${messages},"__proto__":{"polluted":true}`),
    status: 400,
    code: "invalid_value",
  },
  {
    name: "__proto__, deep down and escaped",
    body: withField(`${messages},"metadata":{"__pr\\u006fto__":{"polluted":true}}`),
    status: 400,
    code: "invalid_value",
  },
  {
    name: "a form",
    body: "model=x",
    request: { headers: { "content-type": "application/x-www-form-urlencoded" } },
    status: 415,
    code: "unsupported_media_type",
  },
  {
    name: "text that looks like JSON",
    body: hello(model),
    request: { headers: { "content-type": "text/plain" } },
    status: 415,
    code: "unsupported_media_type",
  },
  {
    name: "multipart with a hostile boundary",
    body: "--a",
    request: { headers: { "content-type": `multipart/form-data; boundary="${"-".repeat(4_000)}` } },
    status: 415,
    code: "unsupported_media_type",
  },
  {
    name: "a compressed body",
    body: new Uint8Array(gzipSync(text(hello(model)))),
    request: { headers: { "content-encoding": "gzip" } },
    status: 415,
    code: "unsupported_media_type",
  },
  {
    name: "a bomb of zeros",
    body: new Uint8Array(gzipSync(Buffer.alloc(50_000_000))),
    request: { headers: { "content-encoding": "gzip" } },
    status: 415,
    code: "unsupported_media_type",
  },
  { name: "an unknown path", path: "/v1/chat/completion", body: hello(model), status: 404, code: "not_found" },
  { name: "an encoded path", path: "/v1%2fchat/completions", body: hello(model), status: 404, code: "not_found" },
  {
    name: "a path with a slash behind it",
    path: "/v1/chat/completions/",
    body: hello(model),
    status: 404,
    code: "not_found",
  },
  { name: "a path of another product", path: "/api/generate", body: hello(model), status: 404, code: "not_found" },
  {
    name: "the name of a model that climbs",
    path: "/v1/models/..%2f..%2fetc%2fpasswd",
    status: 404,
    code: "model_not_found",
  },
  { name: "a name that is not percent-encoded rightly", path: "/v1/models/%E0%A4%A", status: 404, code: "not_found" },
  {
    name: "prototype pollution by the query",
    path: "/v1/models/x?__proto__[polluted]=1",
    status: 404,
    code: "model_not_found",
  },
  {
    name: "an embedding of nothing",
    path: "/v1/embeddings",
    body: { model: "mock/mock-embed", input: [] },
    status: 400,
    code: "invalid_value",
    param: "input",
  },
  {
    name: "an embedding of objects",
    path: "/v1/embeddings",
    body: { model: "mock/mock-embed", input: [{}] },
    status: 400,
    code: "invalid_value",
    param: /^input/,
  },
  {
    name: "a chat with an embedding model",
    body: hello("mock/mock-embed"),
    status: 400,
    code: "unsupported_parameter",
    param: "model",
  },
  {
    name: "a provider's address in the request",
    body: { ...hello("up/gpt-4.1-mini"), api_base: "http://127.0.0.1:1" },
    status: 400,
    code: "unsupported_parameter",
    param: "api_base",
  },
  {
    name: "a provider's key in the request",
    body: { ...hello("up/gpt-4.1-mini"), api_key: "sk-other" },
    status: 400,
    code: "unsupported_parameter",
    param: "api_key",
  },
];

describe("bad input", () => {
  test.each(cases.map((one) => [one.name, one] as const))(
    "%s",
    async (_, { body, request, path = chat, status, code, param }) => {
      const before = upstream.received().length;
      const answer = await ask(gateway, path, { ...(body === undefined ? {} : { body }), ...request });
      expect(answer.status, answer.text).toBe(status);
      expect(answer.body.error.code).toBe(code);
      expect(validateReply("ErrorResponse", answer.body)).toEqual([]);
      if (typeof param === "string") expect(answer.body.error.param).toBe(param);
      else if (param !== undefined) expect(answer.body.error.param).toMatch(param);
      expect(answer.text.length).toBeLessThan(2_000);
      expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
      expect(upstream.received()).toHaveLength(before);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );

  test("Object.prototype of the program is unchanged", async () => {
    for (const key of ["__proto__", "constructor"])
      await ask(gateway, chat, {
        body: withField(`${messages},"metadata":{"${key}":{"prototype":{"polluted":"yes"},"polluted":"yes"}}`),
      });
    const status = await ask(gateway, "/v1/models");
    expect(status.text).not.toContain("polluted");
  });

  test("an unknown model is told what is near", async () => {
    const { body } = await ask(gateway, chat, { body: hello("mock-ecko") });
    expect(body.error.message).toContain("'mock-echo'");
  });

  test("Anthropic's paths answer in Anthropic's envelope", async () => {
    const { status, body } = await ask(gateway, "/v1/messages", {
      body: { model, messages: [{ role: "user", content: "x" }] },
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: "error", error: { type: "invalid_request_error", param: "max_tokens" } });
    const unknown = await ask(gateway, "/v1/messages/nothing", { body: {} });
    expect(unknown.body).toMatchObject({ type: "error", error: { type: "not_found_error" } });
  });

  test.each([
    ["GET", chat, "POST"],
    ["DELETE", "/v1/models", "GET"],
    ["PUT", "/v1/messages", "POST"],
    ["POST", "/healthz", "GET"],
  ])("%s %s is 405 and says what is allowed", async (method, path, allowed) => {
    const answer = await ask(gateway, path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe(allowed);
    expect(answer.text).toContain("method_not_allowed");
  });
});

describe("size", () => {
  const ofLength = (length: number) => ({ model, messages: [{ role: "user", content: "a".repeat(length) }] });

  test("two million characters are taken", async () => {
    // Nothing is known of this model's window, so the provider decides.
    const { status, body } = await ask(gateway, chat, { body: { ...ofLength(2_000_000), model: "up/any" } });
    expect(status).toBe(200);
    expect(body.choices[0].message.content).toHaveLength("You said: ".length + 2_000_000);
    expect(upstream.last().body.messages[0].content).toHaveLength(2_000_000);
  });

  test("what cannot fit into a model's window is refused before it is sent", async () => {
    const { status, body } = await ask(gateway, chat, { body: ofLength(2_000_000) });
    expect(status).toBe(400);
    expect(body.error.code).toBe("context_length_exceeded");
  });

  test.each([
    ["a little", maxBodyBytes + 1_000],
    ["a lot", maxBodyBytes * 3],
  ])("%s above the limit is 413 in the envelope, with content-length", async (_, length) => {
    const { status, body } = await ask(gateway, chat, { body: ofLength(length) });
    expect(status).toBe(413);
    expect(body).toMatchObject({ error: { code: "payload_too_large", type: "invalid_request_error" } });
  });

  test.each([
    ["a little", maxBodyBytes + 1_000],
    ["a lot", maxBodyBytes * 3],
  ])("%s above the limit is 413 in the envelope, in chunks", async (_, length) => {
    const piece = new Uint8Array(64 * 1024).fill(97);
    let left = length;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left <= 0) return controller.close();
        left -= piece.length;
        controller.enqueue(piece);
      },
    });
    const response = await fetch(`${gateway.url}${chat}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: "payload_too_large" } });
  });

  test("an image of a megabyte within a data URL passes", async () => {
    const url = `data:image/png;base64,${Buffer.alloc(1_000_000, 7).toString("base64")}`;
    const content = [
      { type: "text", text: "look" },
      { type: "image_url", image_url: { url } },
    ];
    const { status, body } = await ask(gateway, chat, { body: { model, messages: [{ role: "user", content }] } });
    expect(status).toBe(200);
    expect(body.choices[0].message.content).toBe("look");
  });

  test("nobody fetches an image's address", async () => {
    let fetched = 0;
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response(String(++fetched)) });
    const content = [{ type: "image_url", image_url: { url: `http://127.0.0.1:${server.port}/a.png` } }];
    for (const name of [model, "up/gpt-4.1-mini"])
      expect((await ask(gateway, chat, { body: { model: name, messages: [{ role: "user", content }] } })).status).toBe(
        200,
      );
    expect(fetched).toBe(0);
    await server.stop(true);
  });
});

describe("injection", () => {
  test("a line break in a model's name reaches neither headers nor log", async () => {
    const name = 'up/gpt\r\nx-injected: yes\r\n\r\n{"level":"error","message":"forged"}';
    const answer = await ask(gateway, chat, { body: hello(name) });
    expect(answer.headers.get("x-injected")).toBeNull();
    expect([200, 400, 404]).toContain(answer.status);
    const refused = await ask(gateway, chat, { body: hello('nothing\r\n{"level":"error","message":"forged"}') });
    expect(refused.status).toBe(404);
    await Bun.sleep(300);
    expect(gateway.logs()).not.toMatch(/^\{"level":"error","message":"forged"\}/m);
    expect(gateway.logs()).not.toMatch(/^x-injected/m);
  });

  test("wildcards are literal", async () => {
    const list = async (query: string) => (await ask(gateway, `/admin/v1/${query}`)).body.data;
    await ask(gateway, chat, { body: hello(model) });
    expect(await list("models?search=%25")).toEqual([]);
    expect(await list("models?search=mock_echo")).toEqual([]);
    expect(await list("calls?model=%25")).toEqual([]);
    expect((await list("calls?model=mock-echo")).length).toBeGreaterThan(0);
  });
});
