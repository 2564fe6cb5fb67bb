import { afterAll, beforeAll, expect, test } from "bun:test";
import { administer, ask, chat, hello } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    configuration: { discovery: { mock: true }, auth: { guessing: { perAddress: 5 } } },
  });
});
afterAll(() => gateway.dispose());

const guess = (key: string) => ask(gateway, chat, { key, body: hello("mock/mock-echo") });

test("who tries keys out is slowed down and told nothing; who has one goes on", async () => {
  const { body: good } = await administer(gateway, "/keys", { body: { name: "good" } });
  const { body: revoked } = await administer(gateway, "/keys", { body: { name: "revoked" } });
  await administer(gateway, `/keys/${revoked.id}/revoke`, { method: "POST" });
  const statuses: number[] = [];
  for (let count = 0; count < 8; count++) statuses.push((await guess(`ir-guess-${count}`)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  const [unknown, known] = [await guess("ir-unknown"), await guess(revoked.key)];
  expect([unknown.status, known.status]).toEqual([429, 429]);
  expect(known.body).toEqual(unknown.body);
  expect(known.headers.get("retry-after")).not.toBeNull();
  expect((await guess(good.key)).status).toBe(200);
  const anthropic = await ask(gateway, "/v1/messages", { headers: { "x-api-key": "ir-unknown" }, body: {} });
  expect([anthropic.status, anthropic.body.error.type]).toEqual([429, "rate_limit_error"]);
  expect((await ask(gateway, "/admin/v1/keys", { key: "ir-unknown" })).status).toBe(429);
  // Nothing was sent at all: that is no guess.
  expect((await ask(gateway, chat, { body: hello("mock/mock-echo") })).status).toBe(401);
});
