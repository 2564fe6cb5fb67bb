import { afterEach, beforeEach, expect, test } from "bun:test";
import { chat, eventually, hello } from "../e2e/ask.ts";
import { waitFor } from "../streams/wait-for.ts";
import { askWorker, sendToWorker } from "./ask-worker.ts";
import { isRunning, workersOf } from "./processes.ts";
import { type RunningWorkers, startWorkers } from "./start-workers.ts";
import { startTroubledUpstream, type TroubledUpstream } from "./troubled-upstream.ts";

let gateway: RunningWorkers;
let upstream: TroubledUpstream;
beforeEach(async () => {
  upstream = startTroubledUpstream();
  gateway = await startWorkers({
    configuration: {
      providers: { lab: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
      routes: { once: { targets: ["lab/m"], retries: { perTarget: 0 } } },
    },
  });
});
afterEach(async () => {
  await gateway.dispose();
  await upstream.stop();
});

const request = [chat, { body: hello("once") }] as const;
const call = async (worker: number): Promise<string> => {
  const { status, body } = await askWorker(gateway, worker, request);
  return status === 200 ? "ok" : `${status} ${body.error.code}`;
};

/** As many failures in a row as open a circuit, spread over both workers. */
const openCircuit = async (): Promise<void> => {
  upstream.mode = "fails";
  for (const worker of ["first", "second", "first", "second", "first"] as const)
    expect(await call(gateway[worker])).toBe("503 upstream_overloaded");
};

test("failures at both workers open one circuit for both", async () => {
  await openCircuit();
  expect(upstream.received).toBe(5);
  await eventually("both know", async () => (await call(gateway.second)) === "503 no_target_available");
  expect(await call(gateway.first)).toBe("503 no_target_available");
  const { received } = upstream;
  for (let calls = 0; calls < 4; calls++) await call(calls % 2 === 0 ? gateway.first : gateway.second);
  expect(upstream.received).toBe(received);
});

test("a success at one worker ends the row of failures for both", async () => {
  for (let rounds = 0; rounds < 3; rounds++) {
    upstream.mode = "fails";
    for (const worker of ["first", "second", "first", "second"] as const) await call(gateway[worker]);
    upstream.mode = "works";
    expect(await call(rounds % 2 === 0 ? gateway.first : gateway.second)).toBe("ok");
  }
});

test("one probe over both workers finds out, and its success closes the circuit for both", async () => {
  await openCircuit();
  const opened = performance.now();
  upstream.mode = "slow";
  // The customary first opening is five seconds long.
  await Bun.sleep(5_050 - (performance.now() - opened));
  const { received } = upstream;
  const sent = await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      sendToWorker(gateway, index % 2 === 0 ? gateway.first : gateway.second, request),
    ),
  );
  const statuses = (await Promise.all(sent.map(({ answer }) => answer()))).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 503, 503, 503, 503, 503]);
  expect(upstream.received).toBe(received + 1);
  upstream.mode = "works";
  for (const worker of [gateway.first, gateway.second])
    await eventually("the circuit is closed", async () => (await call(worker)) === "ok");
});

test("a probe that dies with its worker is another's", async () => {
  await openCircuit();
  const opened = performance.now();
  upstream.mode = "slow";
  await Bun.sleep(5_050 - (performance.now() - opened));
  const { received } = upstream;
  await sendToWorker(gateway, gateway.first, request);
  await waitFor(() => upstream.received === received + 1, "the probe is under way");
  process.kill(gateway.first, "SIGKILL");
  await waitFor(() => !isRunning(gateway.first), "its worker is gone");
  upstream.mode = "works";
  await eventually("the other probes", async () => (await call(gateway.second)) === "ok");
});

test("a pause that one worker was asked for is kept by both, and by one that starts later", async () => {
  upstream.mode = "asks for a pause";
  expect(await call(gateway.first)).toBe("429 rate_limit_exceeded");
  upstream.mode = "works";
  for (const worker of [gateway.first, gateway.second]) {
    const { status, body, headers } = await askWorker(gateway, worker, request);
    expect([status, body.error.code]).toEqual([429, "rate_limit_exceeded"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(50);
  }
  process.kill(gateway.first, "SIGKILL");
  await waitFor(
    () => workersOf(gateway).length === 2 && !workersOf(gateway).includes(gateway.first),
    "a new one is there",
  );
  const [next = 0] = workersOf(gateway).filter((pid) => pid !== gateway.second);
  expect(await call(next)).toBe("429 rate_limit_exceeded");
  expect(upstream.received).toBe(1);
});
