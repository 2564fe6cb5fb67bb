import { expect, test } from "bun:test";
import { startClients } from "../kill/clients.ts";
import { interruptionCheck, type Kill } from "../kill/judge.ts";
import { waitFor } from "../streams/wait-for.ts";
import { answerTextFaults } from "../support/answer-checks.ts";
import { type Check, describeChecks, haveFailed } from "../support/checks.ts";
import { compareBooks } from "../support/compare-ledger.ts";
import { answered, drawCalls, refused } from "../support/drawn-calls.ts";
import { readLedger } from "../support/ledger-rows.ts";
import type { Receipt } from "../support/receipt.ts";
import { chooseSeed, SeededRandom } from "../support/seeded-random.ts";
import { providerName } from "../support/send-call.ts";
import { nowMilliseconds } from "../upstream/journal.ts";
import { startUpstream } from "../upstream/start.ts";
import { workersOf } from "./processes.ts";
import { startWorkers } from "./start-workers.ts";
import { verifyLedger } from "./verify-ledger.ts";

const wantedKills = 4;
/** A process that was killed may take so long to go, and until then connections are made to it. */
const dyingMilliseconds = 1_000;

const failureCheck = (receipts: readonly Receipt[], kills: readonly Kill[]): Check => ({
  name: "no call broke other than by a kill",
  faults: receipts.flatMap(({ model, ending, sentAt, endedAt, error }) => {
    const isKilled = kills.some(({ at }) => sentAt <= at + dyingMilliseconds && at <= endedAt);
    return ending !== "broken" || isKilled ? [] : [`${model}: ${error}`];
  }),
});

test("clients, upstream and ledger agree when workers are killed under load again and again", async () => {
  const seed = chooseSeed(process.env["SEED"]);
  const random = new SeededRandom(seed);
  const upstream = await startUpstream();
  const clients = startClients(60, drawCalls([answered(94, 600), refused(6, [400, 500, 503])], random));
  const gateway = await startWorkers({
    configuration: {
      providers: { [providerName]: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
      logging: { level: "info" },
    },
  });
  try {
    clients.open(gateway.url);
    const kills: Kill[] = [];
    while (kills.length < wantedKills) {
      await Bun.sleep(random.between(300, 700));
      const { open: openUpstream } = await upstream.state();
      const kill: Kill = { at: nowMilliseconds(), aim: "random", inFlight: clients.inFlight(), openUpstream };
      process.kill(random.pick(workersOf(gateway)), "SIGKILL");
      kills.push(kill);
      await waitFor(
        () => gateway.logs().split('"message":"worker started"').length === 3 + kills.length,
        "another worker has taken its place",
      );
    }
    await clients.finish();
    await gateway.stop();
    const { receipts } = clients;
    const dispatches = upstream.dispatches();
    const ledger = readLedger(gateway.dataFolder);
    const checks = [
      failureCheck(receipts, kills),
      interruptionCheck(kills, { dispatches, ledger }),
      { name: "every client got its own answer", faults: answerTextFaults(receipts) },
      ...compareBooks({ receipts, dispatches, ledger }),
    ];
    if (haveFailed(checks)) throw new Error(`--seed ${seed}\n${describeChecks(checks)}`);
    expect(receipts.length).toBeGreaterThan(300);
    expect((await verifyLedger(gateway.dataFolder)).differences).toEqual([]);
  } finally {
    await clients.finish();
    await gateway.dispose();
    await upstream.stop();
  }
}, 60_000);
