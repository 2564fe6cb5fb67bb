import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { adoptVariables } from "../../src/runtime/launch-variables.ts";
import { answerTextFaults } from "../support/answer-checks.ts";
import { describeChecks, haveFailed, median } from "../support/checks.ts";
import { compareBooks } from "../support/compare-ledger.ts";
import { answered, type Draw, drawCalls, refused } from "../support/drawn-calls.ts";
import { openLedger, readLedger } from "../support/ledger-rows.ts";
import { chooseSeed, SeededRandom } from "../support/seeded-random.ts";
import { providerName } from "../support/send-call.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startUpstream } from "../upstream/start.ts";
import { startClients } from "./clients.ts";
import { failureCheck, inFlightCheck, interruptionCheck, type Kill } from "./judge.ts";
import { killOnce } from "./kill-once.ts";

const usage = `Usage: npm run test:kill -- [--kills 100] [--clients 280] [--seed N] [--out report.json]
       [--sabotage lose-settlement | lose-segments]

Kills the program again and again while it works, restarts it on the same data folder, and compares what clients hold
and what the upstream saw with the ledger. A sabotage spoils the records: the run must then fail.`;

adoptVariables();
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    clients: { type: "string", default: "280" },
    seed: { type: "string" },
    out: { type: "string" },
    sabotage: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const sabotages = ["lose-settlement", "lose-segments"];
if (values.help || (values.sabotage !== undefined && !sabotages.includes(values.sabotage))) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const wantedKills = Number(values.kills);
const seed = chooseSeed(values.seed);
const random = new SeededRandom(seed);
const mix: readonly Draw[] = [answered(94, 1_200), refused(6, [400, 500, 503])];

/** Removes one answered call's rows, as a ledger that forgets would. */
const loseSettlement = (dataFolder: string): void => {
  const ledger = openLedger(dataFolder);
  const lost = ledger
    .query<{ id: string }, []>(
      "DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE outcome = 'ok' ORDER BY RANDOM() LIMIT 1) RETURNING id",
    )
    .get();
  ledger.run("DELETE FROM separate_attempts WHERE call_id = ?", [lost?.id ?? ""]);
  ledger.close();
};

/** Removes what the program that was just killed left behind to be taken in. */
const loseSegments = (dataFolder: string): void => {
  const journal = join(dataFolder, "journal");
  for (const segment of readdirSync(journal)) rmSync(join(journal, segment));
};

console.log(`kill: ${wantedKills} kills, ${values.clients} clients, --seed ${seed}`);
const began = performance.now();
const upstream = await startUpstream();
const clients = startClients(Number(values.clients), drawCalls(mix, random));
const kills: Kill[] = [];
const starts: number[] = [];
let gateway: RunningGateway | undefined;

const start = async (): Promise<RunningGateway> => {
  const started = await startGateway({
    configuration: {
      providers: { [providerName]: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
      ledger: {
        foldMilliseconds: random.pick([10, 50, 200, 1_000]),
        durability: random.pick(["process", "process", "power"]),
      },
      logging: { level: "warn" },
    },
    ...(gateway === undefined ? {} : { dataFolder: gateway.dataFolder }),
  });
  gateway = started;
  starts.push(started.startedInMilliseconds);
  clients.open(started.url);
  return started;
};

try {
  while (kills.length < wantedKills) {
    const running = await start();
    kills.push(await killOnce({ gateway: running, upstream, clients, random }));
    if (values.sabotage === "lose-segments") loseSegments(running.dataFolder);
  }
  const last = await start();
  await Bun.sleep(1_000);
  await clients.finish();
  await last.stop();
  if (values.sabotage === "lose-settlement") loseSettlement(last.dataFolder);
  const { receipts } = clients;
  const dispatches = upstream.dispatches();
  const ledger = readLedger(last.dataFolder);
  const checks = [
    inFlightCheck(kills, wantedKills),
    interruptionCheck(kills, { dispatches, ledger }),
    failureCheck(receipts, kills),
    { name: "every client got its own answer", faults: answerTextFaults(receipts) },
    ...compareBooks({ receipts, dispatches, ledger }),
  ];
  const count = <Value>(of: readonly Value[], claim: (one: Value) => boolean): number => of.filter(claim).length;
  const report = {
    seed,
    kills: kills.length,
    seconds: Math.round((performance.now() - began) / 1_000),
    calls: receipts.length,
    answered: count(receipts, ({ ending }) => ending === "whole"),
    refused: count(receipts, ({ ending }) => ending === "refused"),
    broken: count(receipts, ({ ending }) => ending === "broken"),
    interrupted: count(ledger.calls, ({ outcome }) => outcome === "interrupted"),
    okThoughBroken:
      count(ledger.calls, ({ outcome }) => outcome === "ok") - count(receipts, ({ ending }) => ending === "whole"),
    inFlightAtClients: {
      least: Math.min(...kills.map((one) => one.inFlight)),
      median: median(kills.map((one) => one.inFlight)),
    },
    startMilliseconds: { median: Math.round(median(starts)), most: Math.round(Math.max(...starts)) },
  };
  if (values.out !== undefined) writeFileSync(values.out, JSON.stringify({ ...report, checks, kills: kills }, null, 2));
  console.log(JSON.stringify(report));
  console.log(describeChecks(checks));
  process.exitCode = haveFailed(checks) ? 1 : 0;
} catch (error) {
  console.log(gateway?.logs().slice(-3_000));
  throw error;
} finally {
  await gateway?.dispose();
  await upstream.stop();
}
