import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { administer, ask, chat, hello } from "./ask.ts";

let gateway: RunningGateway;
const keys = new Map<string, string>();
const keyOf = (name: string): string => keys.get(name) ?? "";
beforeAll(async () => {
  gateway = await startGateway({
    configuration: {
      discovery: { mock: true },
      learning: { feedbackPerMinute: 40 },
      routes: { smart: { targets: ["mock/mock-echo", "mock/mock-llama"], strategy: { kind: "round-robin" } } },
    },
  });
  await administer(gateway, "/tenants", { body: { id: "acme", name: "Acme" } });
  const { body: ada } = await administer(gateway, "/tenants/default/users", { body: { name: "Ada" } });
  const made = [
    { name: "one" },
    { name: "other" },
    { name: "flood" },
    { name: "foreign", tenant: "acme" },
    { name: "ada", userId: ada.id },
    { name: "ada again", userId: ada.id },
    { name: "caller", role: "viewer" },
  ];
  for (const key of made) {
    const { body, text } = await administer(gateway, "/keys", { body: { role: "developer", ...key } });
    expect(body.key, text).toBeString();
    keys.set(key.name, body.key);
  }
});
afterAll(() => gateway.dispose());

const callAs = async (name: string, model = "smart"): Promise<string> => {
  const answer = await ask(gateway, chat, { key: keyOf(name), body: hello(model) });
  expect(answer.status, answer.text).toBe(200);
  return answer.headers.get("x-request-id") ?? "";
};
const give = (name: string, body: unknown) => ask(gateway, "/v1/feedback", { key: keyOf(name), body });

describe("feedback", () => {
  test("right after the answer is taken, once, and stands in the call's story", async () => {
    const id = await callAs("one");
    const word = { call_id: id, rating: "up", outcome: 0.5 };
    const first = await give("one", word);
    expect(first.status, first.text).toBe(200);
    expect(first.body).toMatchObject({
      object: "feedback",
      call_id: id,
      received: [
        { source: "verifier", reward: 0.5, status: "added" },
        { source: "rating", reward: 1, status: "added" },
      ],
    });
    expect((await give("one", word)).body.received.map(({ status }: { status: string }) => status)).toEqual([
      "known",
      "known",
    ]);
    expect((await give("one", { call_id: id, rating: 0, id: "later" })).body).toMatchObject({ id: "later" });
    const { body: story } = await administer(gateway, `/decisions/${id}`);
    expect(story).toMatchObject({ id, reward: 0.5, choice: null, strategy: "round-robin" });
    expect(story.feedback).toHaveLength(3);
    expect(story.story.at(-1)).toContain("taken together 0.5");
  });

  test("is for the caller's own calls; foreign and unknown ones are told alike", async () => {
    const [mine, adas] = [await callAs("one"), await callAs("ada")];
    const texts = new Set<string>();
    for (const [name, id] of [
      ["other", mine],
      ["foreign", mine],
      ["one", adas],
      ["one", "unknown"],
      ["one", "../../etc/passwd"],
      ["one", "'; DROP TABLE feedback; --".replaceAll(" ", "")],
    ] as const) {
      const { status, body } = await give(name, { call_id: id, rating: 1 });
      expect(status).toBe(404);
      texts.add(JSON.stringify(body));
    }
    expect(texts.size).toBe(1);
    expect((await give("ada again", { call_id: adas, rating: 1 })).status).toBe(200);
    expect((await give("caller", { call_id: mine, rating: 1 })).status).toBe(403);
  });

  const bad: readonly [string, unknown, string][] = [
    ["nothing said", { call_id: "x" }, "missing_required_parameter"],
    ["no call", { rating: 1 }, "missing_required_parameter"],
    ["a rating out of range", { call_id: "x", rating: 5 }, "invalid_value"],
    ["a rating that is no number", '{"call_id":"x","rating":NaN}', "invalid_json"],
    ["a rating beyond numbers", '{"call_id":"x","rating":1e999}', "invalid_value"],
    ["an odd outcome", { call_id: "x", outcome: "maybe" }, "invalid_value"],
    ["an id with a line end", { call_id: "x", rating: 1, id: "a\nb" }, "invalid_value"],
    ["a call with odd characters", { call_id: "\u0000\u202e", rating: 1 }, "invalid_value"],
    ["a long id", { call_id: "x".repeat(201), rating: 1 }, "invalid_value"],
    ["a comment", { call_id: "x", rating: 1, comment: "secret words" }, "invalid_value"],
    ["a field nobody knows", { call_id: "x", rating: 1, ratign: 1 }, "unsupported_parameter"],
    ["the same twice", '{"call_id":"x","call_id":"y","rating":1}', "duplicate_key"],
    ["an enormous body", { call_id: "x", correction: "x".repeat(300_000) }, "payload_too_large"],
  ];
  test.each(bad)("%s is refused", async (_, body, code) => {
    const answer = await give("one", body);
    expect(answer.body.error.code, answer.text).toBe(code);
    expect(answer.text).not.toContain("secret words");
  });

  test("a flood is stopped, and told when to come again", async () => {
    const id = await callAs("flood");
    const statuses: number[] = [];
    for (let word = 0; word < 45; word++) {
      const answer = await give("flood", { call_id: id, rating: 1, id: `word-${word}` });
      statuses.push(answer.status);
      if (answer.status === 429 && word >= 40) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    // Of one call so much is kept; of one caller so much a minute is taken.
    expect(statuses.filter((status) => status === 200)).toHaveLength(8);
    expect(statuses.slice(8)).toEqual(Array(37).fill(429));
  });

  test("of a user is forgotten, with a row in the audit log", async () => {
    const id = await callAs("ada");
    const { body: users } = await administer(gateway, "/tenants/default/users");
    await give("ada", { call_id: id, rating: 0 });
    const { body, text } = await administer(gateway, `/learning/users/${users.data[0].id}`, { method: "DELETE" });
    expect(body, text).toMatchObject({ tenant: "default", user: users.data[0].id });
    expect(body.calls).toBeGreaterThanOrEqual(1);
    expect((await administer(gateway, `/decisions/${id}`)).body.feedback).toEqual([]);
    const audit = await administer(gateway, "/audit?action=learning");
    expect(audit.body.data.map(({ action, outcome }: Record<string, string>) => [action, outcome])).toEqual([
      ["learning.forget", "ok"],
      ["learning.forget", "intended"],
    ]);
  });
});

describe("a dry run", () => {
  const route = (name: string, body: unknown) => ask(gateway, "/v1/route", { key: keyOf(name), body });
  test("says where a call would go, again and again the same", async () => {
    const calls = (await administer(gateway, "/calls?limit=500")).body.data.length;
    const first = await route("one", hello("smart"));
    expect(first.status, first.text).toBe(200);
    expect(first.body).toMatchObject({
      object: "route.decision",
      ...{ route: "smart", strategy: "round-robin", provider: "mock", confidence: null, action: null },
      candidates: [{}, {}],
      expected: [],
    });
    expect(first.body.target).toBe(`mock/${first.body.model}`);
    for (let again = 0; again < 3; again++) expect((await route("one", hello("smart"))).body).toEqual(first.body);
    // Neither counted nor kept.
    expect((await administer(gateway, "/calls?limit=500")).body.data).toHaveLength(calls);
    const answer = await ask(gateway, chat, { key: keyOf("one"), body: hello("smart") });
    expect(answer.headers.get("x-intellirouter-model")).toBe(first.body.model);
    expect((await route("one", hello("smart"))).body.target).not.toBe(first.body.target);
  });

  test("takes a question in short", async () => {
    const short = await route("one", { model: "smart", query: "What is 2+2?", context: "Sums.", metadata: { a: "b" } });
    expect(short.status, short.text).toBe(200);
    expect(short.body.candidates).toHaveLength(2);
  });

  const bad: readonly [unknown, number, string][] = [
    [{ model: "smart" }, 400, "missing_required_parameter"],
    [{ query: "x" }, 400, "missing_required_parameter"],
    [{ model: "smart", context: "x" }, 400, "invalid_value"],
    [{ model: "smart", query: 7 }, 400, "invalid_value"],
    [{ ...hello("smart"), query: "x" }, 400, "invalid_value"],
    [hello("nothing-of-this-name"), 404, "model_not_found"],
  ];
  test.each(bad)("%j is refused", async (body, status, code) => {
    const answer = await route("one", body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  test("is for those who may call", async () => expect((await route("caller", hello("smart"))).status).toBe(403));
});
