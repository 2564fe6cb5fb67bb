import { compare } from "../compare.ts";
import {
  againstDirect,
  againstNginx,
  difference,
  type Figure,
  figure,
  figureOf,
  type Reading,
  utilisation,
} from "../figures.ts";
import type { Spread } from "../plan.ts";
import { showFigure, showPercent } from "../report/numbers.ts";
import { streamsAtRate, wholeAtRate } from "../scenarios.ts";
import type { Section } from "./section.ts";
import { type Column, subjectTable } from "./subject-table.ts";

const callsPerSecond = 1_000;
const streamsPerSecond = 200;

const quantiles = ["p50", "p90", "p99", "p999"] as const;
type Quantile = (typeof quantiles)[number];
const titles: Readonly<Record<Quantile, string>> = { p50: "p50", p90: "p90", p99: "p99", p999: "p99.9" };

type Spreads = "latency" | "firstText" | "lateness";
const read =
  (of: Spreads, quantile: Exclude<keyof Spread, "count">): Reading =>
  (result) =>
    result[of][quantile];

/** Calls at a fixed rate, whatever becomes of them: how much later the answer comes. */
export const latency: Section = async (bench, { rounds }) => {
  const subjects = await bench.subjects("plain");
  const whole = await compare(bench, wholeAtRate(callsPerSecond), { name: "latency", subjects, rounds });
  const streams = await compare(bench, streamsAtRate(streamsPerSecond), { name: "first text", subjects, rounds });
  const columnsOf = (samples: typeof whole, of: Spreads): readonly Column[] => [
    ...quantiles.map(
      (quantile): Column => [
        `${titles[quantile]} ms`,
        ({ name }) => showFigure(figure(samples, name, read(of, quantile))),
      ],
    ),
    ["sent late, p50 ms", ({ name }) => showFigure(figure(samples, name, read("lateness", "p50")))],
    ["sent late, p99 ms", ({ name }) => showFigure(figure(samples, name, read("lateness", "p99")))],
    ["its core", ({ name }) => showPercent(figure(samples, name, utilisation("subject")).median)],
  ];
  const above = (samples: typeof whole, of: Spreads, quantile: Quantile): Figure =>
    difference(samples, againstNginx, read(of, quantile));
  const firstText = difference(streams, againstDirect, read("firstText", "p50"));
  const added = (samples: typeof whole, of: Spreads): readonly string[] =>
    quantiles.map((quantile) => showFigure(above(samples, of, quantile)));
  const addedDirect = (samples: typeof whole, of: Spreads): readonly string[] =>
    quantiles.map((quantile) => showFigure(difference(samples, againstDirect, read(of, quantile))));
  const median = figureOf(whole.map(({ result }) => result.lateness.p99)).median;
  return {
    samples: [...whole, ...streams],
    tables: [
      subjectTable(`Whole answers, ${callsPerSecond} calls/s`, subjects, columnsOf(whole, "latency")),
      subjectTable(`First text of streams, ${streamsPerSecond} streams/s`, subjects, columnsOf(streams, "firstText")),
      {
        title: "What the gateway adds, ms",
        columns: ["", ...quantiles.map((quantile) => titles[quantile])],
        rows: [
          ["whole answer, above nginx", ...added(whole, "latency")],
          ["whole answer, above direct", ...addedDirect(whole, "latency")],
          ["first text, above nginx", ...added(streams, "firstText")],
          ["first text, above direct", ...addedDirect(streams, "firstText")],
        ],
      },
    ],
    bars: [
      {
        name: "added latency, p50",
        value: above(whole, "latency", "p50").median,
        limit: 0.3,
        sense: "at most",
        unit: "ms",
        of: "time",
      },
      {
        name: "added latency, p99",
        value: above(whole, "latency", "p99").median,
        limit: 2,
        sense: "at most",
        unit: "ms",
        of: "time",
      },
      {
        name: "first text later than direct, p50",
        value: firstText.median,
        limit: 1,
        sense: "at most",
        unit: "ms",
        of: "time",
      },
    ],
    charts: [
      {
        name: "latency",
        title: `Latency of whole answers at ${callsPerSecond} calls/s`,
        kind: "bars",
        labels: quantiles.map((quantile) => titles[quantile]),
        x: "",
        y: "ms",
        scale: { y: "logarithmic" },
        series: subjects.map(({ name }) => ({
          name,
          points: quantiles.map((quantile, x) => ({ x, y: figure(whole, name, read("latency", quantile)).median })),
        })),
      },
    ],
    notes: [
      `Latency counts from the moment a call was due. The load itself sent 99 % of the calls within ${median.toFixed(2)} ms of it.`,
    ],
  };
};
