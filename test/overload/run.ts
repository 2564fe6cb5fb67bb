import { parseArgs } from "node:util";
import { quantile } from "../support/checks.ts";
import { readProcess } from "../support/process-figures.ts";
import { startGateway } from "../support/start-gateway.ts";
import { type LoadOptions, type LoadResult, offerLoad } from "./open-loop.ts";

// bun test/overload/run.ts [--seconds 8] [--times 3] [--lag 150]
// Finds what the gateway can answer at most, offers a multiple of it, and compares. Exits with 1 where less than 90 % of
// the peak is still answered, or the health check is not served.

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "8" },
    times: { type: "string", default: "3" },
    // What the program itself does.
    lag: { type: "string", default: "150" },
    clients: { type: "string", default: "64" },
  },
});
const seconds = Number(values.seconds);
const leastShare = 0.9;

const gateway = await startGateway({
  configuration: {
    server: { maxLagMilliseconds: Number(values.lag) },
    providers: { mock: { kind: "mock", options: { firstTokenMilliseconds: 20, chunkTokens: 4 } } },
    logging: { level: "warn" },
  },
});

const load = (part: Pick<LoadOptions, "load" | "milliseconds">): Promise<LoadResult> =>
  offerLoad({
    port: Number(new URL(gateway.url).port),
    model: "mock/mock-llama",
    patienceMilliseconds: 5_000,
    ...part,
  });

/** Asks for health once in a while, and how long each answer took; a failure counts as endless. */
const watchHealth = () => {
  const times: number[] = [];
  let isOver = false;
  const done = (async () => {
    while (!isOver) {
      const began = performance.now();
      const ok = await fetch(`${gateway.url}/readyz`, { keepalive: false }).then(
        (response) => response.ok,
        () => false,
      );
      times.push(ok ? performance.now() - began : Number.POSITIVE_INFINITY);
      await Bun.sleep(100);
    }
  })();
  return async () => {
    isOver = true;
    await done;
    return times;
  };
};

const figures = (result: LoadResult, spent: number) => ({
  offeredPerSecond: Math.round(result.offered / seconds),
  goodPerSecond: Math.round(result.good / seconds),
  refusedPerSecond: Math.round(result.refused / seconds),
  lost: result.lost,
  goodP50: Math.round(quantile(result.latencies, 0.5)),
  goodP99: Math.round(quantile(result.latencies, 0.99)),
  refusedP99: Math.round(quantile(result.refusalLatencies, 0.99)),
  gatewayCores: Number((spent / seconds).toFixed(2)),
});

const measure = async (part: LoadOptions["load"]) => {
  const before = readProcess(gateway.pid).processorSeconds;
  const result = await load({ load: part, milliseconds: seconds * 1_000 });
  return figures(result, readProcess(gateway.pid).processorSeconds - before);
};

try {
  await load({ load: { clients: Number(values.clients) }, milliseconds: 6_000 });
  const peak = await measure({ clients: Number(values.clients) });
  console.log("peak    ", JSON.stringify(peak));
  const health = watchHealth();
  const over = await measure({ perSecond: peak.goodPerSecond * Number(values.times) });
  const healthTimes = await health();
  console.log("overload", JSON.stringify(over));
  const share = over.goodPerSecond / peak.goodPerSecond;
  const worst = Math.max(...healthTimes);
  const after = await measure({ clients: Number(values.clients) });
  console.log("after   ", JSON.stringify(after));
  console.log(
    `goodput ${(share * 100).toFixed(0)} % of peak; /readyz at worst ${worst.toFixed(0)} ms; ` +
      `${readProcess(gateway.pid).megabytes.toFixed(0)} MB`,
  );
  process.exitCode = share >= leastShare && Number.isFinite(worst) ? 0 : 1;
} finally {
  await gateway.dispose();
}
