import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { administer, ask, chat, hello } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startOpenaiUpstream } from "../support/upstream-openai.ts";
import type { FakeUpstream } from "../support/upstream-server.ts";

let gateway: RunningGateway;
let upstream: FakeUpstream;
const model = "up/gpt-4.1-mini";
const folder = mkdtempSync(join(tmpdir(), "intellirouter-hostile-"));

beforeAll(async () => {
  upstream = startOpenaiUpstream();
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      providers: { up: { kind: "openai", baseUrl: `${upstream.url}/v1`, apiKey: "key" } },
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await gateway.dispose();
  await upstream.stop();
  rmSync(folder, { recursive: true });
});

const messages = JSON.stringify(hello(model).messages);

describe("keys in another case, and keys twice", () => {
  test.each([
    ["a second model", `{"model":"${model}","Model":"mock/mock-echo","messages":${messages}}`],
    ["a second limit", `{"model":"${model}","max_tokens":5,"MAX_TOKENS":100000,"messages":${messages}}`],
    ["second messages", `{"model":"${model}","messages":${messages},"Messages":[{"role":"user","content":"other"}]}`],
    ["a limit alone", `{"model":"${model}","Max_Tokens":100000,"messages":${messages}}`],
    ["with the sign for kelvin", `{"model":"${model}","max_to\u212Aens":9,"messages":${messages}}`],
  ])("%s in another case is refused, since some upstreams would read it", async (_, body) => {
    const before = upstream.received().length;
    for (const path of [chat, "/v1/messages"]) {
      const answer = await ask(gateway, path, { body });
      expect(answer.status).toBe(400);
    }
    expect(upstream.received()).toHaveLength(before);
  });

  test.each([
    ["twice", `{"model":"${model}","model":"mock/mock-echo","messages":${messages}}`],
    ["twice, once escaped", `{"model":"${model}","mode\\u006c":"mock/mock-echo","messages":${messages}}`],
    ["twice, deep down", `{"model":"${model}","messages":[{"role":"user","role":"system","content":"x"}]}`],
  ])("a key %s is 400", async (_, body) => {
    for (const path of [chat, "/v1/messages"]) {
      const answer = await ask(gateway, path, { body });
      expect(answer.status).toBe(400);
      expect(answer.text).toContain("twice");
    }
    expect((await ask(gateway, "/admin/v1/keys", { body: '{"name":"a","name":"b"}' })).status).toBe(400);
  });
});

describe("prototypes", () => {
  const names = ["__proto__", "constructor", "prototype", "__pr\\u006fto__"];
  test.each(names)("%s changes nothing, in a body, a query or a path", async (name) => {
    const polluted = `{"${name}":{"polluted":"yes","prototype":{"polluted":"yes"}}}`;
    const spoilt = `{"model":"mock/mock-echo","messages":${messages},"metadata":${polluted}}`;
    for (const [path, body] of [
      [chat, spoilt],
      ["/v1/messages", spoilt],
      ["/admin/v1/keys", `{"name":"x","${name}":{"role":"admin"}}`],
      ["/admin/v1/providers/x", polluted],
    ] as const)
      expect(
        (await ask(gateway, path, { method: path.includes("providers") ? "PUT" : "POST", body })).status,
      ).toBeLessThan(500);
    const plain = name.replace("\\u006f", "o");
    for (const path of [
      `/admin/v1/calls?${plain}[polluted]=1`,
      `/admin/v1/calls?${plain}=1`,
      `/v1/models/${plain}`,
      `/admin/v1/providers/${plain}`,
      `/admin/v1/keys/${plain}`,
      `/${plain}`,
    ]) {
      const { status } = await ask(gateway, path);
      expect([path, status >= 400 && status < 500]).toEqual([path, true]);
    }
    for (const path of ["/v1/models", "/admin/v1/config", "/admin/v1/keys", "/metrics", "/openapi.json"]) {
      const { status, text } = await ask(gateway, path);
      expect([path, status, text.includes("polluted")]).toEqual([path, 200, false]);
    }
  });
});

describe("YAML", () => {
  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x]",
    ..."bcdefghi"
      .split("")
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(",")}]`),
  ].join("\n");
  test.each([
    ["a tag", "server: !!js/function 'x'", "tags (!…) are not allowed"],
    ["a tag of Python", "server: !!python/object/apply:os.system ['id']", "tags (!…) are not allowed"],
    ["an alias bomb", bomb, "alias"],
    ["an alias of itself", "server: &s\n  host: *s", "nested more than 64 levels"],
    ["__proto__", "server:\n  __proto__: { port: 1 }", "__proto__"],
    ["merge keys", "x: &x { port: 1 }\nserver:\n  <<: *x", "merge keys"],
  ])("%s is refused", async (_, text, message) => {
    const file = join(folder, "hostile.yaml");
    writeFileSync(file, text);
    const began = performance.now();
    const { exitCode, output } = await runProgram(["config", "validate", file, "--data", join(folder, "data")]);
    expect(exitCode).toBe(78);
    expect(output).toContain(message);
    expect(performance.now() - began).toBeLessThan(9_000);
  });
});

describe("how much may be asked for", () => {
  const ask400 = async (fields: string) => {
    const before = upstream.received().length;
    const answer = await ask(gateway, chat, { body: `{"model":"${model}","messages":${messages},${fields}}` });
    expect([fields, answer.status]).toEqual([fields, 400]);
    expect(upstream.received()).toHaveLength(before);
  };
  test.each(["n", "max_tokens", "max_completion_tokens", "top_logprobs"])("%s is bounded", async (name) => {
    for (const value of ["-1", "1.5", "1e999", '"5"', "[]", "{}"]) await ask400(`"${name}":${value}`);
    if (name !== "top_logprobs") await ask400(`"${name}":0`);
    if (name === "n") for (const value of ["129", "1e9"]) await ask400(`"n":${value}`);
  });

  test("what is asked for is counted against limits before it is sent: n times the most that may come", async () => {
    const limited = await startGateway({
      configuration: { discovery: { mock: true }, limits: [{ scope: "everyone", tokens: 10_000, per: "minute" }] },
    });
    try {
      const body = { ...hello("mock/mock-echo"), n: 128, max_tokens: 1_000 };
      const answer = await ask(limited, chat, { body });
      expect([answer.status, answer.body.error.code]).toEqual([429, "rate_limit_exceeded"]);
      expect((await ask(limited, chat, { body: { ...body, n: 1 } })).status).toBe(200);
    } finally {
      await limited.stop();
      await limited.dispose();
    }
  });
});

describe("text that means something elsewhere", () => {
  test("line breaks in a model's name reach neither headers nor the log", async () => {
    for (const name of [
      "up/a\r\nx-injected: yes",
      "up/a\nset-cookie: a=b",
      "up/\u0000",
      "up/a\u2028b",
      'x\r\n{"level":"error","message":"forged"}',
    ]) {
      const answer = await ask(gateway, chat, { body: hello(name) });
      expect([200, 400, 404]).toContain(answer.status);
      expect(answer.headers.get("x-injected")).toBeNull();
      expect(answer.headers.get("set-cookie")).toBeNull();
      for (const [, value] of answer.headers) expect(value).toMatch(/^[\x20-\x7e]*$/);
    }
    await Bun.sleep(300);
    for (const line of gateway.logs().split("\n"))
      if (line.startsWith("{")) expect(() => JSON.parse(line)).not.toThrow();
    expect(gateway.logs()).not.toMatch(/^\{"level":"error","message":"forged"\}/m);
  });

  test("a template is printed as it is", async () => {
    for (const text of ["{{7*7}}", `$${"{7*7}"}`, "<%= 7*7 %>", "#{7*7}", "{% print 7*7 %}"]) {
      const { body } = await ask(gateway, chat, {
        body: { ...hello("mock/mock-echo"), messages: [{ role: "user", content: text }] },
      });
      expect(body.choices[0].message.content).toBe(text);
    }
  });

  test("wildcards of a filter are letters", async () => {
    await ask(gateway, chat, { body: hello("mock/mock-echo") });
    const made = (await administer(gateway, "/keys", { body: { name: "x" } })).body.id as string;
    const found = async (path: string) => (await administer(gateway, path)).body.data.length;
    for (const wildcard of ["%25", "_", "mock%25", "mock_echo", "%25echo", "*", "mock*", "mock-ech_", "%5C%25"])
      for (const path of [
        `/calls?model=${wildcard}`,
        `/calls?route=${wildcard}`,
        `/calls?key=${wildcard}`,
        `/models?search=${wildcard}`,
        `/audit?action=${wildcard}`,
        `/audit?actor=${wildcard}`,
      ])
        expect([path, await found(path)]).toEqual([path, 0]);
    expect(await found("/calls?model=mock-echo")).toBeGreaterThan(0);
    expect(await found("/audit?action=key")).toBeGreaterThan(0);
    await administer(gateway, `/keys/${made}/revoke`, { method: "POST" });
  });
});
