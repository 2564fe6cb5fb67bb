import { afterAll, beforeAll, expect, test } from "bun:test";
import { chat, hello } from "../e2e/ask.ts";
import { askWorker } from "./ask-worker.ts";
import { type RunningWorkers, startWorkers } from "./start-workers.ts";

let gateway: RunningWorkers;
beforeAll(async () => {
  gateway = await startWorkers({ configuration: { discovery: { mock: true }, learning: { feedbackPerMinute: 6 } } });
});
afterAll(() => gateway.dispose());

const give = (worker: number, body: unknown) => askWorker(gateway, worker, ["/v1/feedback", { body }]);

test("one worker takes feedback on the call of the other at once, and both count together", async () => {
  const { headers } = await askWorker(gateway, gateway.first, [chat, { body: hello("mock/mock-echo") }]);
  const id = headers.get("x-request-id");
  const first = await give(gateway.second, { call_id: id, rating: 1 });
  expect([first.status, first.body.received]).toEqual([200, [{ source: "rating", reward: 1, status: "added" }]]);
  expect((await give(gateway.first, { call_id: id, rating: 0 })).body.received[0].status).toBe("known");
  const statuses: number[] = [];
  for (let more = 0; more < 6; more++) {
    const worker = more % 2 === 0 ? gateway.first : gateway.second;
    statuses.push((await give(worker, { call_id: id, rating: 1, id: `more-${more}` })).status);
  }
  expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
});
