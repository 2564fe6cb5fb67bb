import { compare, type Sample, type Scenario } from "../compare.ts";
import { againstNginx, difference, figure, microsecondsPerCall, ratio } from "../figures.ts";
import { showFigure, showNumber } from "../report/numbers.ts";
import { shortPrompt, wholeClosed } from "../scenarios.ts";
import type { Section } from "./section.ts";

/** Four characters are about a token, so the last one is a prompt of 100,000 tokens. */
const sizes = [shortPrompt, 4_000, 40_000, 400_000];
const largest = 400_000;
const largestPerSecond = 20;

const closed = (promptCharacters: number): Scenario => ({
  ...wholeClosed,
  connections: 16,
  promptCharacters,
  seconds: 2,
});

const cost = microsecondsPerCall("subject");

/** Whole answers to prompts of different sizes: what each character costs. */
export const prompts: Section = async (bench, { rounds }) => {
  const all = await bench.subjects("plain");
  const subjects = all.filter(({ pids }) => pids.length > 0);
  const bySize: { size: number; samples: readonly Sample[] }[] = [];
  for (const size of sizes)
    bySize.push({ size, samples: await compare(bench, closed(size), { name: `prompt of ${size}`, subjects, rounds }) });
  const atRate: Scenario = { ...closed(largest), pace: { perSecond: largestPerSecond }, seconds: 4 };
  const timed = await compare(bench, atRate, { name: "largest prompt at a rate", subjects: all, rounds });
  const costs = (samples: readonly Sample[]): readonly string[] => [
    ...subjects.map(({ name }) => showFigure(figure(samples, name, cost))),
    showFigure(ratio(samples, againstNginx, cost)),
  ];
  const samples = [...bySize.flatMap((one) => one.samples), ...timed];
  return {
    samples,
    tables: [
      {
        title: "CPU µs per whole call by size of the prompt, 16 connections, closed loop",
        columns: ["characters", ...subjects.map(({ name }) => name), "gateway × nginx"],
        rows: bySize.map((one) => [showNumber(one.size), ...costs(one.samples)]),
      },
      {
        title: `Latency of prompts of ${showNumber(largest)} characters (100,000 tokens), ${largestPerSecond} calls/s, ms`,
        columns: ["", "p50", "p99"],
        rows: [
          ...all.map(({ name }) => [
            name,
            showFigure(figure(timed, name, ({ latency }) => latency.p50)),
            showFigure(figure(timed, name, ({ latency }) => latency.p99)),
          ]),
          [
            "gateway above nginx",
            showFigure(difference(timed, againstNginx, ({ latency }) => latency.p50)),
            showFigure(difference(timed, againstNginx, ({ latency }) => latency.p99)),
          ],
        ],
      },
    ],
    charts: [
      {
        name: "prompts",
        title: "CPU per whole call by size of the prompt",
        kind: "lines",
        x: "characters",
        y: "µs",
        scale: { x: "logarithmic", y: "logarithmic" },
        series: subjects.map(({ name }) => ({
          name,
          points: bySize.map((one) => ({ x: one.size, y: figure(one.samples, name, cost).median })),
        })),
      },
    ],
  };
};
