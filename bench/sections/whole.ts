import { compare } from "../compare.ts";
import {
  againstDirect,
  againstNginx,
  againstRelay,
  callsPerSecond,
  figure,
  microsecondsPerCall,
  ratio,
  utilisation,
} from "../figures.ts";
import { showFigure, showPercent } from "../report/numbers.ts";
import { wholeClosed } from "../scenarios.ts";
import type { Section } from "./section.ts";
import { subjectTable } from "./subject-table.ts";

const cost = microsecondsPerCall("subject");

/** Short whole answers, as many as go through: what a call costs. */
export const whole: Section = async (bench, { rounds, isShort }) => {
  const subjects = [...(await bench.subjects("plain")), ...(await bench.peers())];
  const scenario = isShort ? { ...wholeClosed, seconds: 2 } : wholeClosed;
  const samples = await compare(bench, scenario, { name: "whole", subjects, rounds });
  const table = subjectTable(`Whole answers, ${scenario.connections} connections, closed loop`, subjects, [
    ["CPU µs/call", ({ name, pids }) => (pids.length === 0 ? "–" : showFigure(figure(samples, name, cost)))],
    [
      "calls/CPU s",
      ({ name, pids }) => (pids.length === 0 ? "–" : showFigure(figure(samples, name, (r) => 1e6 / cost(r)))),
    ],
    ["× nginx", ({ name }) => showFigure(ratio(samples, { subject: name, reference: "nginx" }, cost))],
    ["calls/s", ({ name }) => showFigure(figure(samples, name, callsPerSecond))],
    ["p50 ms", ({ name }) => showFigure(figure(samples, name, ({ latency }) => latency.p50))],
    ["p99 ms", ({ name }) => showFigure(figure(samples, name, ({ latency }) => latency.p99))],
    ["its core", ({ name }) => showPercent(figure(samples, name, utilisation("subject")).median)],
    ["upstream µs/call", ({ name }) => showFigure(figure(samples, name, microsecondsPerCall("upstream")))],
    ["upstream's core", ({ name }) => showPercent(figure(samples, name, utilisation("upstream")).median)],
    ["load's core", ({ name }) => showPercent(figure(samples, name, utilisation("load")).median)],
  ]);
  const measured = subjects.filter(({ pids }) => pids.length > 0);
  return {
    samples,
    tables: [table],
    bars: [
      {
        name: "calls per CPU second, of nginx's",
        value: 1 / ratio(samples, againstNginx, cost).median,
        limit: 0.5,
        sense: "at least",
        unit: "×",
        of: "processor time",
      },
    ],
    ratios: [
      { name: "CPU per call, gateway/nginx", value: ratio(samples, againstNginx, cost).median, of: "processor time" },
      { name: "CPU per call, gateway/relay", value: ratio(samples, againstRelay, cost).median, of: "processor time" },
      {
        name: "calls/s, direct/gateway",
        value: 1 / ratio(samples, againstDirect, callsPerSecond).median,
        of: "time",
      },
    ],
    charts: [
      {
        name: "whole",
        title: "CPU per whole call",
        kind: "bars",
        labels: measured.map(({ name }) => name),
        x: "",
        y: "µs",
        series: [
          { name: "CPU", points: measured.map(({ name }, x) => ({ x, y: figure(samples, name, cost).median })) },
        ],
      },
    ],
    notes: [
      "Upstream and load share one core, so what is called directly is as fast as that core; the subject has the other.",
    ],
  };
};
