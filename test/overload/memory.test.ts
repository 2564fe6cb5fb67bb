import { afterEach, beforeEach, expect, test } from "bun:test";
import { ask, chat, eventually, hello } from "../e2e/ask.ts";
import { readProcess } from "../support/process-figures.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startTroubledUpstream, type TroubledUpstream } from "../workers/troubled-upstream.ts";

let upstream: TroubledUpstream;
let gateway: RunningGateway | undefined;
beforeEach(() => {
  upstream = startTroubledUpstream();
  upstream.mode = "held";
});
afterEach(async () => {
  upstream.letGo();
  await gateway?.dispose();
  await upstream.stop();
});

const start = async (maxMemoryMegabytes: number): Promise<RunningGateway> => {
  gateway = await startGateway({
    configuration: {
      server: { maxMemoryMegabytes },
      providers: { lab: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
    },
  });
  return gateway;
};

const megabyte = 1e6;

test("under pressure on the memory calls are refused early, none is lost, and the limit is kept", async () => {
  const limit = 300;
  const running = await start(limit);
  const body = { ...hello("lab/m"), messages: [{ role: "user", content: "word ".repeat(megabyte / 5) }] };
  const statuses: number[] = [];
  const refusals: string[] = [];
  let most = 0;
  const asking: Promise<void>[] = [];
  const one = async (): Promise<void> => {
    const { status, text } = await ask(running, chat, { body, headers: { connection: "close" } });
    statuses.push(status);
    if (status === 503) refusals.push(text);
  };
  for (let calls = 0; calls < 250; calls++) {
    asking.push(one());
    await Bun.sleep(20);
    most = Math.max(most, readProcess(running.pid).megabytes);
  }
  expect(refusals.length).toBeGreaterThan(20);
  expect(refusals[0]).toContain("its memory is nearly used up");
  // Who looks after the program sees that it lives.
  expect((await ask(running, "/healthz")).status).toBe(200);
  upstream.letGo();
  await Promise.all(asking);
  expect(statuses.filter((status) => status === 200).length + refusals.length).toBe(250);
  expect(most).toBeLessThan(limit);
  await eventually("the log has said so", () => running.logs().includes('"message":"memory is short"'));
}, 60_000);

test("with little memory a few calls are served all the same", async () => {
  const running = await start(64);
  await Bun.sleep(600);
  upstream.mode = "works";
  for (let calls = 0; calls < 5; calls++) expect((await ask(running, chat, { body: hello("lab/m") })).status).toBe(200);
});
