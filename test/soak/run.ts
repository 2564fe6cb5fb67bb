import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { adoptVariables } from "../../src/runtime/launch-variables.ts";
import { answerChecks } from "../support/answer-checks.ts";
import { type Check, describeChecks, haveFailed } from "../support/checks.ts";
import { compareBooks } from "../support/compare-ledger.ts";
import { drawCalls } from "../support/drawn-calls.ts";
import { openLedger, readLedger } from "../support/ledger-rows.ts";
import { readProcess } from "../support/process-figures.ts";
import { chooseSeed, SeededRandom } from "../support/seeded-random.ts";
import { providerName } from "../support/send-call.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startUpstream, type Upstream } from "../upstream/start.ts";
import { abortCheck, descriptorCheck, memoryCheck, outcomeCheck, type Sample } from "./judge.ts";
import { runTraffic, soakMix } from "./traffic.ts";

const usage = `Usage: npm run soak -- [--minutes 10] [--concurrency 50] [--seed N] [--out report.json]
       [--sabotage lose-settlement | keep-descriptors]

Mixed traffic against the program over a fake upstream; then memory, descriptors, aborts and the ledger are judged.
A sabotage spoils what is compared: the run must then fail.`;

adoptVariables();
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    concurrency: { type: "string", default: "50" },
    seed: { type: "string" },
    out: { type: "string" },
    sabotage: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const sabotages = ["lose-settlement", "keep-descriptors"];
if (values.help || (values.sabotage !== undefined && !sabotages.includes(values.sabotage))) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const seconds = Number(values.minutes) * 60;
const concurrency = Number(values.concurrency);
const seed = chooseSeed(values.seed);
/** Buffers, tables and compiled code have their lasting size after this; a third of a short run at most. */
const warmUpSeconds = Math.min(60, Math.round(seconds / 3));

/** Waits until the descriptors are back where they were, five seconds at most. */
const settle = async (upstream: Upstream, { pid }: RunningGateway, descriptors: number): Promise<void> => {
  for (const until = performance.now() + 5_000; performance.now() < until; await Bun.sleep(100)) {
    // Connections that are kept alive for the next call are no leak, so they are ended first.
    await upstream.closeIdle();
    if ((await upstream.state()).open === 0 && readProcess(pid).descriptors <= descriptors) return;
  }
};

const loseSettlement = (dataFolder: string): void => {
  const ledger = openLedger(dataFolder);
  const lost = ledger
    .query<{ id: string }, []>(
      "DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE outcome = 'ok' ORDER BY RANDOM() LIMIT 1) RETURNING id",
    )
    .get();
  ledger.close();
  console.log(`sabotage: the row of ${lost?.id} is gone`);
};

// Kept, lest the garbage collector close them.
const forgotten: unknown[] = [];

/** Connections that nobody needs, as a gateway that forgets them would leave them. */
const keepDescriptors = async ({ url }: RunningGateway): Promise<void> => {
  const { hostname, port } = new URL(url);
  for (let count = 0; count < 10; count++)
    forgotten.push(await Bun.connect({ hostname, port: Number(port), socket: { data: () => undefined } }));
  console.log("sabotage: ten connections stay open");
};

const soak = async (
  gateway: RunningGateway,
  upstream: Upstream,
): Promise<{ checks: readonly Check[]; report: object }> => {
  const before = readProcess(gateway.pid);
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1_000;
  const samples: Sample[] = [];
  const sampler = setInterval(() => samples.push({ second: elapsed(), ...readProcess(gateway.pid) }), 1_000);
  const nextCall = drawCalls(soakMix, new SeededRandom(seed));
  const receipts = await runTraffic({ url: gateway.url, concurrency, nextCall, isOver: () => elapsed() >= seconds });
  clearInterval(sampler);
  if (values.sabotage === "keep-descriptors") await keepDescriptors(gateway);
  await settle(upstream, gateway, before.descriptors);
  const after = readProcess(gateway.pid);
  await gateway.stop();
  if (values.sabotage === "lose-settlement") loseSettlement(gateway.dataFolder);
  const dispatches = upstream.dispatches();
  const ledger = readLedger(gateway.dataFolder);
  const checks = [
    memoryCheck(samples, warmUpSeconds),
    descriptorCheck(before, after),
    abortCheck(receipts, dispatches),
    outcomeCheck(receipts, { dispatches, calls: ledger.calls }),
    ...answerChecks(receipts),
    ...compareBooks({ receipts, dispatches, ledger }),
  ];
  const endings = Object.fromEntries(
    [...Map.groupBy(receipts, ({ ending }) => ending)].map(([ending, of]) => [ending, of.length]),
  );
  const report = {
    seed,
    seconds,
    concurrency,
    calls: receipts.length,
    callsPerSecond: Math.round(receipts.length / seconds),
    endings,
    processorShare: Number(((after.processorSeconds - before.processorSeconds) / elapsed()).toFixed(2)),
    threads: after.threads,
    checks,
    samples,
  };
  return { checks, report };
};

console.log(`soak: ${seconds} s, ${concurrency} clients, --seed ${seed}`);
const upstream = await startUpstream();
let gateway: RunningGateway | undefined;
try {
  gateway = await startGateway({
    configuration: {
      providers: { [providerName]: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
      logging: { level: "warn" },
    },
  });
  const { checks, report } = await soak(gateway, upstream);
  if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(report, null, 2));
  console.log(JSON.stringify({ ...report, checks: undefined, samples: undefined }));
  console.log(describeChecks(checks));
  process.exitCode = haveFailed(checks) ? 1 : 0;
} finally {
  await gateway?.dispose();
  await upstream.stop();
}
