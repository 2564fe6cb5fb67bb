import { afterAll, beforeAll, expect, test } from "bun:test";
import { administer, chat, eventually, hello } from "../e2e/ask.ts";
import { askWorker } from "./ask-worker.ts";
import { type RunningWorkers, startWorkers } from "./start-workers.ts";

let gateway: RunningWorkers;
beforeAll(async () => {
  gateway = await startWorkers({
    configuration: {
      discovery: { mock: true },
      learning: { feedbackPerMinute: 9 },
      routes: { smart: { targets: ["mock/mock-echo", "mock/mock-llama"], strategy: { kind: "learned" } } },
    },
  });
});
afterAll(() => gateway.dispose());

const give = (worker: number, body: unknown) => askWorker(gateway, worker, ["/v1/feedback", { body }]);

/** How much had been learned when a call was decided. */
const rewardsKnownTo = async (worker: number): Promise<number> => {
  const { headers } = await askWorker(gateway, worker, [chat, { body: hello("smart") }]);
  const { body } = await administer(gateway, `/decisions/${headers.get("x-request-id")}`);
  return Number(body.choice.version.split("+")[1]);
};

test("what one worker hears, all of them learn", async () => {
  const { headers } = await askWorker(gateway, gateway.first, [chat, { body: hello("smart") }]);
  expect(await rewardsKnownTo(gateway.first)).toBe(0);
  const id = headers.get("x-request-id");
  expect((await give(gateway.second, { call_id: id, outcome: "success" })).status).toBe(200);
  for (const worker of [gateway.first, gateway.second])
    await eventually("the worker has learned of it", async () => (await rewardsKnownTo(worker)) >= 1);
});

test("one worker takes feedback on the call of the other at once, and both count together", async () => {
  const { headers } = await askWorker(gateway, gateway.first, [chat, { body: hello("mock/mock-echo") }]);
  const id = headers.get("x-request-id");
  const first = await give(gateway.second, { call_id: id, rating: 1 });
  expect([first.status, first.body.received]).toEqual([200, [{ source: "rating", reward: 1, status: "added" }]]);
  expect((await give(gateway.first, { call_id: id, rating: 0 })).body.received[0].status).toBe("known");
  const statuses: number[] = [];
  for (let more = 0; more < 8; more++) {
    const worker = more % 2 === 0 ? gateway.first : gateway.second;
    statuses.push((await give(worker, { call_id: id, rating: 1, id: `more-${more}` })).status);
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
});
