import { join } from "node:path";
import { parseArgs } from "node:util";
import { readLedger } from "../support/ledger-rows.ts";
import { readProcess } from "../support/process-figures.ts";
import { providerName } from "../support/send-call.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startUpstream } from "../upstream/start.ts";
import type { ClientResult } from "./plan.ts";

// bun test/held-streams/run.ts [--streams 10000] [--gateways 2]
// Holds so many streams open at once and counts every event. A stream costs a gateway two descriptors, so where
// `ulimit -n` is 20,000 there are two of them, each with a client process of its own. Takes about two minutes.

const { values } = parseArgs({
  options: { streams: { type: "string", default: "10000" }, gateways: { type: "string", default: "2" } },
});
const streams = Number(values.streams);
const each = Math.ceil(streams / Number(values.gateways));

const upstream = await startUpstream();
const start = (): Promise<RunningGateway> =>
  startGateway({
    configuration: {
      providers: { [providerName]: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
      logging: { level: "warn" },
    },
  });
const gateways = await Promise.all(Array.from({ length: Number(values.gateways) }, start));

const figures = () =>
  gateways.map(({ pid }) => {
    const { megabytes, descriptors, processorSeconds } = readProcess(pid);
    return { megabytes: Math.round(megabytes), descriptors, processorSeconds };
  });

/** Runs one client process; tells when its streams are all open, and gives what it found. */
const runClient = async ({ url }: RunningGateway, number: number, onOpen: (openAtOnce: number) => void) => {
  const client = Bun.spawn(
    [process.execPath, join(import.meta.dir, "client.ts"), new URL(url).port, String(number * each), String(each)],
    { stdout: "pipe", stderr: "inherit" },
  );
  let text = "";
  let lines: string[] = [];
  for await (const bytes of client.stdout) {
    text += new TextDecoder().decode(bytes);
    const before = lines.length;
    lines = text.split("\n").filter((line) => line !== "");
    if (before === 0 && lines[0] !== undefined) onOpen((JSON.parse(lines[0]) as { openAtOnce: number }).openAtOnce);
  }
  return JSON.parse(lines[1] ?? "null") as ClientResult | null;
};

try {
  const before = figures();
  const began = performance.now();
  let open = 0;
  let waiting = gateways.length;
  const results = await Promise.all(
    gateways.map((gateway, number) =>
      runClient(gateway, number, (openAtOnce) => {
        open += openAtOnce;
        waiting -= 1;
        if (waiting > 0) return;
        console.log(`${open} open after ${((performance.now() - began) / 1_000).toFixed(0)} s`);
        console.log(JSON.stringify({ before, held: figures() }));
      }),
    ),
  );
  const seconds = (performance.now() - began) / 1_000;
  const after = figures();
  const whole = results.reduce((sum, result) => sum + (result?.whole ?? 0), 0);
  const events = results.reduce((sum, result) => sum + (result?.events ?? 0), 0);
  const dropped = results.flatMap((result) => result?.dropped ?? ["a client process broke"]);
  for (const gateway of gateways) await gateway.stop();
  const rows = gateways.flatMap(({ dataFolder }) => readLedger(dataFolder).calls);
  const settled = rows.filter(({ outcome }) => outcome === "ok").length;
  console.log(JSON.stringify({ after, seconds: Math.round(seconds) }));
  console.log(dropped.slice(0, 5).join("\n"));
  console.log(`${whole} of ${streams} whole, ${events} events, ${dropped.length} dropped; ledger: ${settled} ok`);
  process.exitCode = whole === streams && dropped.length === 0 && settled === streams ? 0 : 1;
} finally {
  for (const gateway of gateways) await gateway.dispose();
  await upstream.stop();
}
