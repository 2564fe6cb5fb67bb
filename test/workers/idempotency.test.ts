import { afterEach, beforeEach, expect, test } from "bun:test";
import { chat, eventually, hello } from "../e2e/ask.ts";
import { waitFor } from "../streams/wait-for.ts";
import { askWorker, sendToWorker } from "./ask-worker.ts";
import { isRunning } from "./processes.ts";
import { type RunningWorkers, startWorkers } from "./start-workers.ts";
import { startTroubledUpstream, type TroubledUpstream } from "./troubled-upstream.ts";

let gateway: RunningWorkers;
let upstream: TroubledUpstream;
beforeEach(async () => {
  upstream = startTroubledUpstream();
  gateway = await startWorkers({
    configuration: { providers: { lab: { kind: "openai-compatible", baseUrl: upstream.baseUrl } } },
  });
});
afterEach(async () => {
  await gateway.dispose();
  await upstream.stop();
});

const keyed = (key: string) => [chat, { body: hello("lab/m"), headers: { "idempotency-key": key } }] as const;

test("of the same key at both workers at the same time, exactly one is dispatched", async () => {
  upstream.mode = "slow";
  const rounds = 10;
  const statuses = await Promise.all(
    Array.from({ length: rounds }, async (_, round) => {
      const sent = await Promise.all(
        [gateway.first, gateway.second].map((worker) => sendToWorker(gateway, worker, keyed(`key-${round}`))),
      );
      const answers = await Promise.all(sent.map(({ answer }) => answer()));
      return answers.map(({ status }) => status).toSorted();
    }),
  );
  // The loser is told that the winner goes on, or is given its answer.
  for (const pair of statuses) expect(["200,409", "200,200"]).toContain(pair.join());
  expect(upstream.received).toBe(rounds);
});

test("what one worker has answered, the other gives again", async () => {
  const first = await askWorker(gateway, gateway.first, keyed("again"));
  const second = await askWorker(gateway, gateway.second, keyed("again"));
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(second.text).toBe(first.text);
  expect(upstream.received).toBe(1);
});

test("the key of a call that died with its worker is free at the other", async () => {
  upstream.mode = "slow";
  await sendToWorker(gateway, gateway.first, keyed("dies"));
  await waitFor(() => upstream.received === 1, "the call is under way");
  expect((await askWorker(gateway, gateway.second, keyed("dies"))).body.error.code).toBe("idempotency_in_flight");
  process.kill(gateway.first, "SIGKILL");
  await waitFor(() => !isRunning(gateway.first), "its worker is gone");
  await eventually(
    "the other carries it out",
    async () => (await askWorker(gateway, gateway.second, keyed("dies"))).status === 200,
  );
  expect(upstream.received).toBe(2);
});
