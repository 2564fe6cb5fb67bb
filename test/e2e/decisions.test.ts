import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { administer, ask, chat, eventually, send } from "./ask.ts";

const configuration = {
  discovery: { mock: true },
  routes: {
    smart: { targets: ["mock/mock-echo", "mock/mock-llama"], strategy: { kind: "learned", gate: "off" } },
    plain: { targets: ["mock/mock-echo", "mock/mock-llama"] },
  },
};
let gateway: RunningGateway;
let key = "";
let foreign = "";
beforeAll(async () => {
  gateway = await startGateway({ configuration });
  await administer(gateway, "/tenants", { body: { id: "acme" } });
  ({ key } = (await administer(gateway, "/keys", { body: { name: "one", role: "developer" } })).body);
  const made = await administer(gateway, "/keys", { body: { name: "reader", role: "viewer", tenant: "acme" } });
  foreign = made.body.key;
});
afterAll(() => gateway.dispose());

const asking = (content: string, more: object = {}) => ({
  model: "smart",
  messages: [{ role: "user", content }],
  ...more,
});
const callWith = async (content: string, more: object = {}) => {
  const answer = await ask(gateway, chat, { key, body: asking(content, more) });
  expect(answer.status, answer.text).toBe(200);
  return { id: answer.headers.get("x-request-id") ?? "", headers: answer.headers };
};

test("a reply says what its policy chose, whole or streamed, and others say what they said before", async () => {
  const told = /^strategy="learned"; action="mock\/mock-(echo|llama)"; confidence=0\.\d+; propensity=[01](\.\d+)?$/;
  expect((await callWith("Sum 2 and 3.")).headers.get("x-intellirouter-decision")).toMatch(told);
  const streamed = await send(gateway, chat, { key, body: asking("Sum 2 and 3.", { stream: true }) });
  await streamed.text();
  expect(streamed.headers.get("x-intellirouter-decision")).toMatch(told);
  const plain = await ask(gateway, chat, { key, body: { ...asking("Hello"), model: "plain" } });
  expect(plain.headers.get("x-intellirouter-decision")).toStartWith("priority: ");
});

describe("a decision", () => {
  test("is explained with all that was weighed, and with feedback", async () => {
    const { id } = await callWith("Translate this into French: the garden.", { user: "ada" });
    await ask(gateway, "/v1/feedback", { key, body: { call_id: id, outcome: "success" } });
    const { body } = await administer(gateway, `/decisions/${id}`);
    expect(body.choice.expected).toHaveLength(2);
    expect(body.choice.counterfactuals).toHaveLength(1);
    expect(body).toMatchObject({ id, route: "smart", strategy: "learned", reward: 1, choice: { policy: "learned" } });
    expect(body.story.join("\n")).toContain("Runner-up: mock/");
    // The prompt's features are for learning, not for reading.
    expect(JSON.stringify(body)).not.toContain("features");
    const call = (await administer(gateway, `/calls/${id}`)).body;
    expect(call.decision.detail).toBeUndefined();
    expect((await ask(gateway, `/admin/v1/decisions/${id}`, { key: foreign })).status).toBe(404);
    expect((await ask(gateway, "/admin/v1/decisions", { key: foreign })).body.data).toEqual([]);
  });

  test("is listed and summed up", async () => {
    for (let more = 0; more < 3; more++) await callWith(`Count to ${more}.`);
    const { body: all } = await administer(gateway, "/decisions?route=smart");
    const seen: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const { body } = await administer(gateway, `/decisions?route=smart&limit=2${next && `&before=${next}`}`);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      next = body.next;
    }
    expect(seen).toEqual(all.data.map(({ id }: { id: string }) => id));
    expect((await administer(gateway, "/decisions?route=plain")).body.data).toEqual([]);
    const { body: sums } = await administer(gateway, "/decisions/statistics?route=smart&since=1h");
    expect(sums).toMatchObject({ calls: seen.length, complete: true, judged: 1, meanReward: 1 });
    expect(sums.actions.reduce((sum: number, { share }: { share: number }) => sum + share, 0)).toBeCloseTo(1);
    expect(sums.bestConstant.action).toStartWith("mock/");
  });

  test("is compared with what another policy would have done", async () => {
    const path = "/decisions/backtest?route=smart&since=1h";
    const { status, body, text } = await administer(gateway, `${path}&constant=mock%2Fmock-echo`);
    expect(status, text).toBe(200);
    expect(body).toMatchObject({ route: "smart", judged: 1, policy: { policy: "mock/mock-echo" }, complete: true });
    expect(body.calls).toBeGreaterThan(3);
    expect(body.today.agreement).toBe(1);
    expect((await administer(gateway, `${path}&lambda=0`)).body.leftOut).toBe(0);
    const unknown = await administer(gateway, `${path}&constant=nobody/knows`);
    expect([unknown.status, unknown.body.error.code]).toEqual([400, "invalid_value"]);
    expect((await ask(gateway, `/admin/v1${path}&lambda=1`, { key: foreign })).status).toBe(400);
  });

  test("is shown beforehand, and remembered of nobody", async () => {
    const before = (await administer(gateway, "/decisions?limit=500")).body.data.length;
    const { status, body, text } = await ask(gateway, "/v1/route", { key, body: asking("Sum 2 and 3.") });
    expect(status, text).toBe(200);
    expect(body).toMatchObject({ strategy: "learned", action: body.target, expected: [{}, {}] });
    expect(body.confidence).toBeGreaterThan(0);
    expect((await administer(gateway, "/decisions?limit=500")).body.data).toHaveLength(before);
  });

  test("of a user whom the client named is forgotten", async () => {
    const { id } = await callWith("Who was it?", { user: "grace h." });
    await ask(gateway, "/v1/feedback", { key, body: { call_id: id, rating: "down" } });
    const path = `/learning/users/${encodeURIComponent("grace h.")}`;
    expect((await administer(gateway, path, { method: "DELETE" })).body).toMatchObject({ calls: 1 });
    const { body } = await administer(gateway, `/decisions/${id}`);
    expect([body.feedback, body.choice.policy]).toEqual([[], "learned"]);
    expect((await administer(gateway, path, { method: "DELETE" })).body).toMatchObject({ calls: 0 });
  });
});

test.each([true, false])(
  "an answer that ran into its limit is told of, and no good sign (streamed: %p)",
  async (stream) => {
    const cut = { stream, max_tokens: 600, mock: { words: 3_000 } };
    const answer = await send(gateway, chat, { key, body: asking(`${stream} ${"a long tale ".repeat(400)}`, cut) });
    await answer.text();
    const id = answer.headers.get("x-request-id");
    await eventually(
      "the sign is kept",
      async () => (await administer(gateway, `/decisions/${id}`)).body.reward === 0.3,
    );
    const { body } = await administer(gateway, `/decisions/${id}`);
    expect(body.story).toContain("The answer ran into its limit of tokens.");
    expect((await administer(gateway, `/calls/${id}`)).body.decision.ending).toBe("length");
  },
);

test("who asks the same again was not content, and who leaves halfway was not either", async () => {
  const first = await callWith("Why is the sky blue on this very day?");
  const second = await callWith("Why is the sky blue on this very day?");
  const leaving = new AbortController();
  const slow = { stream: true, mock: { tokensPerSecond: 2, words: 200 } };
  const cut = await send(gateway, chat, { key, body: asking("Tell a tale.", slow), signal: leaving.signal });
  await cut.body?.getReader().read();
  leaving.abort();
  const sourcesOf = async (id: string) =>
    (await administer(gateway, `/decisions/${id}`)).body.feedback?.map(({ source }: { source: string }) => source);
  await eventually("the signs are kept", async () => (await sourcesOf(first.id)).length === 1);
  expect(await sourcesOf(first.id)).toEqual(["implicit"]);
  expect(await sourcesOf(second.id)).toEqual([]);
  await eventually("the one that was left, too", async () => {
    const id = cut.headers.get("x-request-id") ?? "";
    return (await sourcesOf(id))?.length === 1;
  });
});
