import { compare } from "../compare.ts";
import {
  againstNginx,
  againstRelay,
  difference,
  figure,
  microsecondsPerEvent,
  ratio,
  utilisation,
} from "../figures.ts";
import { showFigure, showPercent } from "../report/numbers.ts";
import { streamsOpen } from "../scenarios.ts";
import type { Section } from "./section.ts";
import { subjectTable } from "./subject-table.ts";

const cost = microsecondsPerEvent("subject");

/** Streams at the pace of a quick model: what an event costs, and how long it is on its way. */
export const streamed: Section = async (bench, { rounds, isShort }) => {
  const subjects = [...(await bench.subjects("plain")), ...(await bench.peers())];
  const scenario = isShort ? { ...streamsOpen, seconds: 2.5 } : streamsOpen;
  const samples = await compare(bench, scenario, { name: "streamed", subjects, rounds });
  const broken = (name: string): number =>
    samples
      .filter(({ subject }) => subject === name)
      .reduce((sum, { result }) => sum + result.mergedEvents + result.unevenStreams, 0);
  const { connections, replies } = streamsOpen;
  const title = `${connections} streams of ${replies.events} events, ${replies.eventsPerSecond} events/s each`;
  const table = subjectTable(title, subjects, [
    ["CPU µs/event", ({ name, pids }) => (pids.length === 0 ? "–" : showFigure(figure(samples, name, cost)))],
    [
      "events/CPU s",
      ({ name, pids }) => (pids.length === 0 ? "–" : showFigure(figure(samples, name, (r) => 1e6 / cost(r)))),
    ],
    ["× nginx", ({ name }) => showFigure(ratio(samples, { subject: name, reference: "nginx" }, cost))],
    ["events/s", ({ name }) => showFigure(figure(samples, name, ({ events, seconds }) => events / seconds))],
    ["delay p50 ms", ({ name }) => showFigure(figure(samples, name, ({ delay }) => delay.p50))],
    ["delay p99 ms", ({ name }) => showFigure(figure(samples, name, ({ delay }) => delay.p99))],
    ["merged or lost", ({ name }) => String(broken(name))],
    ["its core", ({ name }) => showPercent(figure(samples, name, utilisation("subject")).median)],
    ["upstream µs/event", ({ name }) => showFigure(figure(samples, name, microsecondsPerEvent("upstream")))],
    ["upstream's core", ({ name }) => showPercent(figure(samples, name, utilisation("upstream")).median)],
  ]);
  const measured = subjects.filter(({ pids }) => pids.length > 0);
  const delay = difference(samples, { subject: "gateway", reference: "direct" }, (result) => result.delay.p99);
  return {
    samples,
    tables: [table],
    bars: [
      {
        name: "streamed events per CPU second, of nginx's",
        value: 1 / ratio(samples, againstNginx, cost).median,
        limit: 0.7,
        sense: "at least",
        unit: "×",
        of: "processor time",
      },
      { name: "an event's delay, p99", value: delay.median, limit: 2, sense: "at most", unit: "ms", of: "time" },
      { name: "events merged or lost", value: broken("gateway"), limit: 0, sense: "at most", unit: "", of: "count" },
    ],
    ratios: [
      { name: "CPU per event, gateway/nginx", value: ratio(samples, againstNginx, cost).median, of: "processor time" },
      { name: "CPU per event, gateway/relay", value: ratio(samples, againstRelay, cost).median, of: "processor time" },
    ],
    charts: [
      {
        name: "streamed",
        title: "CPU per streamed event",
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
      "An event's delay is the time from the upstream's write to the client's read; the bar is the p99 above that of a direct connection in the same round.",
    ],
  };
};
