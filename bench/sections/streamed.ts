import { compare, type Scenario } from "../compare.ts";
import { figure, microsecondsPerEvent, paired, utilisation } from "../figures.ts";
import { showFigure, showNumber, showPercent } from "../report/numbers.ts";
import type { Section } from "./section.ts";

const streams = 300;

const scenario: Scenario = {
  answer: "stream",
  connections: streams,
  pace: "closed",
  promptCharacters: 400,
  warmUpSeconds: 1.5,
  seconds: 4,
  replies: { replyCharacters: 1, events: 250, eventCharacters: 100, eventsPerSecond: 20, staggerFirst: streams },
};

/** Streams at the pace of a quick model: what an event costs, and how long it is on its way. */
export const streamed: Section = async (bench, { rounds }) => {
  const samples = await compare(bench, scenario, rounds);
  const subjectCost = microsecondsPerEvent("subject");
  const sum = (name: string, of: "mergedEvents" | "unevenStreams"): number =>
    samples.filter(({ subject }) => subject === name).reduce((total, { result }) => total + result[of], 0);
  const rows = bench.subjects.map(({ name, pids }) => [
    name,
    pids.length === 0 ? "–" : showFigure(figure(samples, name, subjectCost)),
    showFigure(paired(samples, { subject: name, reference: "nginx" }, (a, b) => subjectCost(a) / subjectCost(b))),
    showFigure(figure(samples, name, ({ events, seconds }) => events / seconds)),
    showFigure(figure(samples, name, ({ delay }) => delay.p50)),
    showFigure(figure(samples, name, ({ delay }) => delay.p99)),
    showFigure(figure(samples, name, ({ firstText }) => firstText.p50)),
    showNumber(sum(name, "mergedEvents") + sum(name, "unevenStreams")),
    showPercent(figure(samples, name, utilisation("subject")).median),
    showFigure(figure(samples, name, microsecondsPerEvent("upstream"))),
  ]);
  const columns = [
    "subject",
    "CPU µs/event",
    "× nginx",
    "events/s",
    "delay p50 ms",
    "delay p99 ms",
    "first text p50 ms",
    "merged or lost",
    "core used",
    "upstream µs/event",
  ];
  const title = `${streams} streams of 250 events, 20 events/s each`;
  return { samples, tables: [{ title, columns, rows }] };
};
