import { afterAll, beforeAll, expect, test } from "bun:test";
import { chat, hello } from "../e2e/ask.ts";
import { askWorker } from "./ask-worker.ts";
import { type RunningWorkers, startWorkers } from "./start-workers.ts";

let gateway: RunningWorkers;
beforeAll(async () => {
  gateway = await startWorkers({
    configuration: { discovery: { mock: true }, auth: { guessing: { perAddress: 6 } } },
  });
});
afterAll(() => gateway.dispose());

test("failures at one worker count at the other, and a good key is not delayed at either", async () => {
  const both = [gateway.first, gateway.second];
  const administer = { key: `local-${gateway.localToken}`, body: { name: "good" } };
  const { key } = (await askWorker(gateway, gateway.first, ["/admin/v1/keys", administer])).body;
  const statusOf = async (worker: number, sent: string): Promise<number> =>
    (await askWorker(gateway, worker, [chat, { key: sent, body: hello("mock/mock-echo") }])).status;
  const statuses: number[] = [];
  for (let count = 0; count < 10; count++)
    statuses.push(await statusOf(both[count % 2] as number, `ir-guess-${count}`));
  expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429, 429, 429, 429]);
  for (const worker of both) expect(await statusOf(worker, key)).toBe(200);
});
