import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Answer, administer, ask, chat, eventually, hello, send } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

const shipped = resolve(import.meta.dir, "../../data/routing/prior.model");
const folder = mkdtempSync(join(tmpdir(), "intellirouter-models-"));
const fileOf = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const trained = readFileSync(shipped);
const turned = Uint8Array.from(trained);
turned[turned.length >> 1] = (turned[turned.length >> 1] as number) ^ 1;
mkdirSync(join(folder, "folder.model"));
/** Model files that are none, and what the log says of each. */
const badFiles: Readonly<Record<string, readonly [file: string, said: string]>> = {
  missing: [join(folder, "not-there.model"), "ENOENT"],
  directory: [join(folder, "folder.model"), "EISDIR"],
  empty: [fileOf("empty.model", ""), "not a model file"],
  foreign: [fileOf("foreign.model", '{"models":["gpt-4o"]}'), "not a model file"],
  cut: [fileOf("cut.model", trained.subarray(0, trained.length >> 1)), "checksum"],
  bitten: [fileOf("bitten.model", turned), "checksum"],
};

/** An upstream whose models come and go: it answers for those of `there`, and may be made to wait. */
const there = new Set(["stays", "goes"]);
let hold: Promise<void> | undefined;
let held = 0;
const upstream = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    if (request.method !== "POST") return Response.json({ data: [] });
    const { model } = (await request.json()) as { model: string };
    if (model === "slow") {
      held++;
      await hold;
      return Response.json({ error: { message: "overloaded", type: "server_error" } }, { status: 503 });
    }
    if (!there.has(model))
      return Response.json(
        {
          error: {
            message: `The model '${model}' does not exist`,
            code: "model_not_found",
            type: "invalid_request_error",
          },
        },
        { status: 404 },
      );
    const choices = [{ index: 0, message: { role: "assistant", content: `by ${model}` }, finish_reason: "stop" }];
    return Response.json({ id: "x", object: "chat.completion", created: 1, model, choices });
  },
});
/** Nobody listens there. */
const closed = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
const closedUrl = `${closed.url.origin}/v1`;
await closed.stop(true);

const price = { input: 1, output: 2 };
const cloud = (models: Readonly<Record<string, object>>) => ({
  kind: "openai-compatible",
  baseUrl: `${upstream.url.origin}/v1`,
  models,
});
const mock = (facts: object) => ({ kind: "mock", models: { "mock-echo": facts } });
const learned = (targets: readonly string[], more: object = {}) => ({
  targets,
  assembleWhole: "never",
  strategy: { kind: "learned", gate: "off", explore: { share: 0 }, ...more },
});
const mocks = ["one/mock-echo", "two/mock-echo"];

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    configuration: {
      providers: {
        one: mock({ price, contextTokens: 2_000_000 }),
        two: mock({ price: { input: 5, output: 9 }, contextTokens: 2_000_000 }),
        plain: mock({ price, tools: false, contextTokens: 200 }),
        small: mock({ price, tools: false, contextTokens: 300 }),
        unpriced: cloud({ stays: {}, goes: {}, slow: {} }),
        cloud: cloud({ stays: { price }, goes: { price: { input: 0.1, output: 0.1 } }, slow: { price } }),
        down: { kind: "openai-compatible", baseUrl: closedUrl, models: { gone: { price } } },
        lost: { kind: "openai-compatible", baseUrl: closedUrl, models: { away: {} } },
      },
      logging: { level: "info" },
      routes: {
        shipped: learned(mocks),
        prices: learned(mocks, { model: "prices" }),
        ...Object.fromEntries(
          Object.entries(badFiles).map(([name, [model]]) => [`file-${name}`, learned(mocks, { model })]),
        ),
        vanishing: learned(["cloud/goes", "cloud/stays"], { goal: "cost-first" }),
        "all-vanish": learned(["cloud/never", "unpriced/never"]),
        removed: learned(["cloud/slow", "unpriced/goes", "one/mock-echo"], { goal: { lambda: 0 } }),
        unpriced: learned(["unpriced/stays", "unpriced/goes"]),
        "partly-priced": learned(["unpriced/stays", "one/mock-echo"], { goal: { spend: 1 } }),
        "unpriced-promise": learned(["unpriced/stays", "unpriced/goes"], { goal: { keep: 0.98 } }),
        limited: learned(["plain/mock-echo", "small/mock-echo"]),
        nowhere: {
          targets: mocks,
          strategy: { filter: [{ kind: "tags", all: ["x"] }], rank: { kind: "learned" } },
        },
        down: learned(["down/gone", "lost/away"]),
      },
    },
  });
});
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

const call = (route: string, more: object = {}): Promise<Answer> =>
  ask(gateway, chat, { body: { ...hello(route), ...more } });
const decisionOf = async ({ headers }: Answer): Promise<Answer["body"]> => {
  const path = `/decisions/${headers.get("x-request-id")}`;
  await eventually("the decision is in the ledger", async () => (await administer(gateway, path)).status === 200);
  return (await administer(gateway, path)).body;
};

describe("a model file", () => {
  test("none named: the prior that comes with the program; or prices, where they are asked for", async () => {
    for (const [route, version] of [
      ["shipped", /^shipped-[0-9a-f]+\+0$/],
      ["prices", /^facts-1\+0$/],
    ] as const) {
      const answer = await call(route);
      expect(answer.status, answer.text).toBe(200);
      expect((await decisionOf(answer)).choice.version).toMatch(version);
    }
  });

  for (const [name, [file, said]] of Object.entries(badFiles))
    test(`that is ${name} stops nothing: the log tells of it, and prices serve`, async () => {
      const answer = await call(`file-${name}`);
      expect(answer.status, answer.text).toBe(200);
      expect((await decisionOf(answer)).choice.version).toBe("facts-1+0");
      const lines = gateway.logs().split("\n");
      const warned = lines.find((line) => line.includes("without its model file") && line.includes(`file-${name}`));
      expect(warned).toContain(said);
      if (said !== "EISDIR") expect(warned).toContain(file);
    });
});

describe("a target that vanishes", () => {
  test("from its provider after it was chosen: the next one answers", async () => {
    expect((await call("vanishing")).body.choices[0].message.content).toBe("by goes");
    there.delete("goes");
    const answer = await call("vanishing");
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.choices[0].message.content).toBe("by stays");
    there.add("goes");
  });

  test("with all others: the error is the upstream's, and each attempt has its own in the record", async () => {
    const answer = await call("all-vanish");
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
    expect(answer.body.error.message).toContain("never");
    const id = answer.headers.get("x-request-id");
    await eventually("the call is kept", async () => (await administer(gateway, `/calls/${id}`)).status === 200);
    const { body } = await administer(gateway, `/calls/${id}`);
    expect(body.attempts.map(({ target }: { target: string }) => target).toSorted()).toEqual([
      "cloud/never",
      "unpriced/never",
    ]);
  });

  test("from the configuration while a call is under way: the call ends well", async () => {
    const release = Promise.withResolvers<void>();
    hold = release.promise;
    const under = send(gateway, chat, {
      body: hello("removed"),
      headers: { "x-intellirouter-strategy": "priority" },
    });
    await eventually("the first target is asked", () => held > 0);
    const gone = await administer(gateway, "/models/unpriced/goes", {
      method: "PUT",
      body: { facts: {}, enabled: false },
    });
    expect(gone.status, gone.text).toBeLessThan(300);
    release.resolve();
    const reply = await under;
    expect(reply.status, await reply.text()).toBe(200);
    const later = await call("removed");
    expect(later.status, later.text).toBe(200);
    expect((await decisionOf(later)).choice.expected.map(({ action }: { action: string }) => action)).not.toContain(
      "unpriced/goes",
    );
  });
});

describe("prices that are missing", () => {
  for (const route of ["unpriced", "partly-priced", "unpriced-promise"])
    test(`leave a route that chooses: ${route}`, async () => {
      for (let number = 0; number < 5; number++) {
        const answer = await call(route);
        expect(answer.status, answer.text).toBe(200);
        const { choice } = await decisionOf(answer);
        for (const { quality, costUsd, utility } of choice.expected)
          expect([quality, costUsd, utility].every((one) => typeof one === "number" && Number.isFinite(one))).toBe(
            true,
          );
      }
    });
});

describe("where no target can take a call", () => {
  const tools = [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }];
  const long = [{ role: "user", content: "word ".repeat(2_000) }];
  const cases: readonly (readonly [string, object, number, string, readonly string[]])[] = [
    ["limited", { tools }, 400, "unsupported_parameter", ["plain/mock-echo: 'tools'", "small/mock-echo: 'tools'"]],
    [
      "limited",
      { messages: long },
      400,
      "context_length_exceeded",
      ["plain/mock-echo: 'messages': its context holds 200", "small/mock-echo: 'messages': its context holds 300"],
    ],
    ["nowhere", {}, 503, "no_target_available", ["one/mock-echo: ", "two/mock-echo: "]],
  ];
  for (const [route, more, status, code, reasons] of cases)
    test(`it is refused with the reason of each: ${code}`, async () => {
      const answer = await call(route, more);
      expect(answer.status, answer.text).toBe(status);
      expect(answer.body.error.code).toBe(code);
      for (const reason of reasons) expect(answer.body.error.message).toContain(reason);
    });

  test("because none is reached, the answer says so, and the next call too", async () => {
    let last = await call("down");
    expect([last.status, last.body.error.code], last.text).toEqual([503, "upstream_refused"]);
    // Until the circuits of both are open.
    for (let number = 0; number < 10; number++) last = await call("down");
    expect([last.status, last.body.error.code], last.text).toEqual([503, "no_target_available"]);
    for (const target of ["down/gone", "lost/away"])
      expect(last.body.error.message).toContain(`${target}: its circuit is open`);
  });
});

describe("prompts that are odd", () => {
  const million = 1_000_000;
  const contents: Readonly<Record<string, unknown>> = {
    empty: "",
    blank: " \n\t ",
    "no parts": [{ type: "text", text: "" }],
    "one letter a million times": "a".repeat(million),
    "a million characters without a space": Array.from({ length: million }, (_, at) =>
      String.fromCharCode(97 + ((at * 7919) % 26)),
    ).join(""),
    "words by the hundred thousand": Array.from({ length: million / 10 }, (_, at) => `word${at}`).join(" "),
    "half of a pair": "\ud83d".repeat(1_000),
    "smiles by the hundred thousand": "😀".repeat(million / 4),
    controls: "\u0000\u0007\u202e".repeat(1_000),
  };
  for (const [name, content] of Object.entries(contents))
    test(`are decided, and learned from: ${name}`, async () => {
      const answer = await call("shipped", { messages: [{ role: "user", content }] });
      expect(answer.status, answer.text.slice(0, 500)).toBe(200);
      const { choice } = await decisionOf(answer);
      expect(choice.expected).toHaveLength(2);
      for (const { quality } of choice.expected) expect(quality > 0 && quality < 1).toBe(true);
      const call_id = answer.headers.get("x-request-id");
      const given = await ask(gateway, "/v1/feedback", { body: { call_id, outcome: 1 } });
      expect(given.status, given.text).toBe(200);
    });

  test("a conversation without any words is decided too", async () => {
    const answer = await call("shipped", { messages: [{ role: "system", content: "" }] });
    expect(answer.status, answer.text).toBe(200);
    expect((await decisionOf(answer)).choice.expected).toHaveLength(2);
  });
});
