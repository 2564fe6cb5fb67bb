import { compare, type Scenario } from "../compare.ts";
import { figure, microsecondsPerCall, paired, utilisation } from "../figures.ts";
import { showFigure, showPercent } from "../report/numbers.ts";
import type { Section } from "./section.ts";

const scenario: Scenario = {
  answer: "whole",
  connections: 64,
  pace: "closed",
  promptCharacters: 400,
  warmUpSeconds: 1,
  seconds: 3,
  replies: { replyCharacters: 400, events: 1, eventCharacters: 1, eventsPerSecond: 0, staggerFirst: 0 },
};

/** Short whole answers, as many as go through: what a call costs. */
export const whole: Section = async (bench, { rounds }) => {
  const samples = await compare(bench, scenario, rounds);
  const subjectCost = microsecondsPerCall("subject");
  const rows = bench.subjects.map(({ name, pids }) => [
    name,
    pids.length === 0 ? "–" : showFigure(figure(samples, name, subjectCost)),
    showFigure(paired(samples, { subject: name, reference: "nginx" }, (a, b) => subjectCost(a) / subjectCost(b))),
    showFigure(figure(samples, name, ({ calls, seconds }) => calls / seconds)),
    showFigure(figure(samples, name, ({ latency }) => latency.p50)),
    showFigure(figure(samples, name, ({ latency }) => latency.p99)),
    showPercent(figure(samples, name, utilisation("subject")).median),
    showFigure(figure(samples, name, microsecondsPerCall("upstream"))),
    showPercent(figure(samples, name, utilisation("upstream")).median),
    showPercent(figure(samples, name, utilisation("load")).median),
  ]);
  const columns = [
    "subject",
    "CPU µs/call",
    "× nginx",
    "calls/s",
    "p50 ms",
    "p99 ms",
    "core used",
    "upstream µs/call",
    "upstream's core",
    "load's core",
  ];
  return { samples, tables: [{ title: "Whole answers, 64 connections, closed loop", columns, rows }] };
};
