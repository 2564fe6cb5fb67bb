import { type Bench, compare, measure, type Sample, type Scenario } from "../compare.ts";
import { type Figure, figure, microsecondsPerCall } from "../figures.ts";
import { showFigure, showNumber } from "../report/numbers.ts";
import { wholeClosed } from "../scenarios.ts";
import type { GatewayOptions } from "../subjects/gateway.ts";
import type { Subject } from "../subjects/subject.ts";
import { warmUp } from "../warm-up.ts";
import type { Bar, Chart, Section, Table } from "./section.ts";

const perSecond = 500;
const connectionCounts = [1, 10, 100, 1_000, 10_000];
const concurrencies = [1, 16, 256, 4_096];
const routeCounts = [1, 10, 100, 1_000];
const keyCounts = [1, 100, 10_000, 100_000];
/** What the cost of a call may differ by. */
const tolerance = 0.3;

const cost = microsecondsPerCall("subject");

/** The cost of a call at each size of something. */
interface Row {
  readonly what: string;
  readonly costs: readonly { readonly size: number; readonly figure: Figure }[];
  readonly samples: readonly Sample[];
}

/** One subject under scenarios that differ in size; each round takes all sizes. */
const acrossScenarios = async (
  bench: Bench,
  subject: Subject,
  {
    what,
    sizes,
    scenario,
    rounds,
  }: { what: string; sizes: readonly number[]; scenario: (size: number) => Scenario; rounds: number },
): Promise<Row> => {
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round++)
    for (const size of sizes) {
      const result = await measure(bench, subject, scenario(size));
      samples.push({ scenario: `${subject.name}: ${what}`, round, subject: String(size), result });
    }
  return { what, samples, costs: sizes.map((size) => ({ size, figure: figure(samples, String(size), cost) })) };
};

/** Gateways that differ in size under one scenario. */
const acrossGateways = async (
  bench: Bench,
  {
    what,
    sizes,
    options,
    rounds,
  }: { what: string; sizes: readonly number[]; options: (size: number) => GatewayOptions; rounds: number },
): Promise<Row> => {
  const subjects: Subject[] = [];
  try {
    for (const size of sizes) {
      const gateway = { ...(await bench.startGateway(options(size))), name: String(size) };
      subjects.push(gateway);
      await warmUp(bench, gateway);
    }
    const samples = await compare(bench, { ...wholeClosed, seconds: 2 }, { name: what, subjects, rounds });
    return { what, samples, costs: sizes.map((size) => ({ size, figure: figure(samples, String(size), cost) })) };
  } finally {
    await Promise.all(subjects.map((subject) => subject.stop()));
  }
};

const tableOf = ({ what, costs }: Row): Table => ({
  title: `CPU µs per whole call by ${what}`,
  columns: ["", ...costs.map(({ size }) => size.toLocaleString("en"))],
  rows: [["gateway", ...costs.map((one) => showFigure(one.figure))]],
});

/** By how much the cost departs from that of the smallest size, at most. */
const departure = ({ costs }: Row): number => {
  const smallest = costs[0]?.figure.median ?? Number.NaN;
  return Math.max(...costs.map((one) => Math.abs(one.figure.median / smallest - 1)));
};

const barOf = (row: Row): Bar => ({
  name: `cost of a call, departure by ${row.what}`,
  value: departure(row) * 100,
  limit: tolerance * 100,
  sense: "at most",
  unit: "%",
  of: "processor time",
});

const chartOf = (rows: readonly Row[]): Chart => ({
  name: "flatness",
  title: "CPU per whole call by size",
  kind: "lines",
  x: "how many",
  y: "µs",
  scale: { x: "logarithmic" },
  series: rows.map(({ what, costs }) => ({
    name: what,
    points: costs.map((one) => ({ x: one.size, y: one.figure.median })),
  })),
});

/** Whether a call costs the same however many connections, routes and keys there are. */
export const flatness: Section = async (bench, { rounds }) => {
  const gateway = (await bench.subjects("plain")).find(({ name }) => name === "gateway");
  if (gateway === undefined) return {};
  const connections = await acrossScenarios(bench, gateway, {
    what: `connections at ${perSecond} calls/s`,
    sizes: connectionCounts,
    scenario: (size) => ({ ...wholeClosed, connections: size, pace: { perSecond } }),
    rounds,
  });
  const concurrent = await acrossScenarios(bench, gateway, {
    what: "calls at once, closed loop",
    sizes: concurrencies,
    scenario: (size) => ({ ...wholeClosed, connections: size, warmUpSeconds: 2 }),
    rounds,
  });
  const routes = await acrossGateways(bench, {
    what: "routes, all in use",
    sizes: routeCounts,
    options: (size) => ({ routes: size }),
    rounds,
  });
  const keys = await acrossGateways(bench, {
    what: "keys, all in use",
    sizes: keyCounts,
    options: (size) => ({ keys: size }),
    rounds,
  });
  const rows = [connections, concurrent, routes, keys];
  const samples = rows.flatMap((row) => row.samples);
  return {
    samples,
    tables: rows.map(tableOf),
    bars: [connections, routes, keys].map(barOf),
    charts: [chartOf(rows)],
    notes: [
      `Departures are from the cost with one. Keys are used in turn, so that with ${showNumber(100_000)} of them hardly any call finds its key in memory.`,
    ],
  };
};
