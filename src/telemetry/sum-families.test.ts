import { expect, test } from "bun:test";
import type { MetricFamily, Sample } from "./exposition.ts";
import { lastingFamilies, sumFamilies } from "./sum-families.ts";

const family = (name: string, type: MetricFamily["type"], samples: readonly Sample[]): MetricFamily => ({
  name: `intellirouter_${name}`,
  help: name,
  type,
  samples,
});
const sample = (value: number, labels: Sample["labels"] = [], suffix = ""): Sample => ({ suffix, labels, value });

const joined = (one: MetricFamily, other: MetricFamily): readonly Sample[] =>
  sumFamilies([
    { process: "worker 1", families: [one] },
    { process: "worker 2", families: [other] },
  ])[0]?.samples ?? [];

const cases: readonly [string, MetricFamily, MetricFamily, readonly Sample[]][] = [
  [
    "counters add, label by label",
    family("calls_total", "counter", [sample(2, [["route", "a"]]), sample(1, [["route", "b"]])]),
    family("calls_total", "counter", [sample(3, [["route", "b"]]), sample(5, [["route", "c"]])]),
    [sample(2, [["route", "a"]]), sample(4, [["route", "b"]]), sample(5, [["route", "c"]])],
  ],
  [
    "histograms add, line by line",
    family("call_duration_seconds", "histogram", [sample(1, [["le", "1"]], "_bucket"), sample(0.5, [], "_sum")]),
    family("call_duration_seconds", "histogram", [sample(2, [["le", "1"]], "_bucket"), sample(1.5, [], "_sum")]),
    [sample(3, [["le", "1"]], "_bucket"), sample(2, [], "_sum")],
  ],
  ["open calls add", family("in_flight", "gauge", [sample(2)]), family("in_flight", "gauge", [sample(3)]), [sample(5)]],
  [
    "a circuit that both know to be open is one",
    family("circuit_open", "gauge", [sample(1, [["target", "a/b"]])]),
    family("circuit_open", "gauge", [sample(1, [["target", "a/b"]]), sample(1, [["target", "c/d"]])]),
    [sample(1, [["target", "a/b"]]), sample(1, [["target", "c/d"]])],
  ],
  [
    "what is true of a process is shown for each",
    family("process_uptime_seconds", "gauge", [sample(7)]),
    family("process_uptime_seconds", "gauge", [sample(9)]),
    [sample(7, [["process", "worker 1"]]), sample(9, [["process", "worker 2"]])],
  ],
];
for (const [name, one, other, expected] of cases)
  test(name, () => {
    expect(joined(one, other)).toEqual(expected);
  });

test("counters and histograms outlive their process, gauges do not", () => {
  const families = cases.map(([, one]) => one);
  expect(lastingFamilies(families).map(({ name }) => name)).toEqual([
    "intellirouter_calls_total",
    "intellirouter_call_duration_seconds",
  ]);
});
