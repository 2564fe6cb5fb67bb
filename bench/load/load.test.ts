import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Socket } from "bun";
import { freePort } from "../../test/support/free-port.ts";
import { measure, type Scenario } from "../compare.ts";
import { shortPrompt } from "../scenarios.ts";
import { type RunningBench, startBench } from "../start-bench.ts";
import { startDirect } from "../subjects/direct.ts";
import { startRelay } from "../subjects/relay.ts";
import { plainDestination, type Subject } from "../subjects/subject.ts";

const base: Scenario = {
  answer: "whole",
  connections: 4,
  pace: "closed",
  promptCharacters: shortPrompt,
  warmUpSeconds: 0.1,
  seconds: 0.4,
  replies: { replyCharacters: 100, events: 5, eventCharacters: 60, eventsPerSecond: 100, staggerFirst: 0 },
};
const cases: readonly [string, Scenario][] = [
  ["whole answers, closed loop", base],
  ["whole answers at a rate", { ...base, pace: { perSecond: 100 } }],
  ["large prompts", { ...base, promptCharacters: 400_000 }],
  ["streams, closed loop", { ...base, answer: "stream" }],
  ["streams at a rate", { ...base, answer: "stream", pace: { perSecond: 50 }, connections: 20 }],
  ["streams that begin one after the other", { ...base, answer: "stream", rampPerSecond: 100 }],
];

let bench: RunningBench;
const subjects: Subject[] = [];
beforeAll(async () => {
  bench = await startBench({ program: "sources", hasPeers: false });
  const secure = bench.address("tls");
  subjects.push(await startDirect(bench.address("plain")), await startRelay(bench.address("plain")));
  subjects.push({ ...(await startDirect(secure)), name: "direct over TLS" });
  subjects.push({ ...(await startRelay(secure)), name: "relay over TLS" });
});
afterAll(async () => {
  for (const subject of subjects) await subject.stop();
  await bench.stop();
});

const run = (index: number, scenario: Scenario) => {
  const subject = subjects[index];
  if (subject === undefined) throw new Error("no subject");
  return measure(bench, subject, scenario);
};

/** Over all loads: it is counted in hundredths of a second, and one load at a low rate may need less. */
let upstreamSeconds = 0;

describe("a load", () => {
  for (const [index, subject] of ["direct", "relay", "direct over TLS", "relay over TLS"].entries())
    for (const [name, scenario] of cases)
      test(`${subject}: ${name}`, async () => {
        const result = await run(index, scenario);
        expect(result.calls).toBeGreaterThan(0);
        expect([result.mergedEvents, result.unevenStreams, result.failures]).toEqual([0, 0, {}]);
        upstreamSeconds += result.processorSeconds["upstream"] ?? 0;
        if (scenario.answer === "stream") expect(result.events).toBeGreaterThan(result.calls);
        if (scenario.pace === "closed") return;
        const due = scenario.pace.perSecond * result.seconds;
        expect(Math.abs(result.latency.count - due)).toBeLessThanOrEqual(1);
      });

  test("takes time of the upstream, which is told", () => {
    expect(upstreamSeconds).toBeGreaterThan(0);
  });

  const refused: readonly [string, (socket: Socket) => void, string][] = [
    ["that nobody answers", () => undefined, "answered no call"],
    ["that is refused", (socket) => void socket.write("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"), "status 503"],
    ["that is cut off", (socket) => void socket.end(), "closed"],
  ];
  for (const [name, onData, message] of refused)
    test(`${name} is an error`, async () => {
      const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: onData } });
      const subject = {
        name: "test",
        destination: plainDestination(server.port),
        pids: [],
        stop: async () => undefined,
      };
      await expect(measure(bench, subject, base)).rejects.toThrow(message);
      server.stop(true);
    });

  test("that nobody listens to is an error", async () => {
    const destination = plainDestination(await freePort());
    const subject = { name: "test", destination, pids: [], stop: async () => undefined };
    await expect(measure(bench, subject, base)).rejects.toThrow("No load");
  });
});
