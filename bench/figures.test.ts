import { expect, test } from "bun:test";
import type { Sample } from "./compare.ts";
import { difference, figure, microsecondsPerCall, ratio } from "./figures.ts";
import type { LoadResult } from "./plan.ts";

const sample = (subject: string, round: number, seconds: number): Sample => ({
  scenario: "test",
  subject,
  round,
  result: { calls: 1_000, processorSeconds: { subject: seconds } } as unknown as LoadResult,
});
const cost = microsecondsPerCall("subject");
// The machine becomes twice as slow, for both alike.
const samples = [
  ...[0.1, 0.2, 0.4].map((seconds, round) => sample("nginx", round, seconds)),
  ...[0.3, 0.6, 1.2].map((seconds, round) => sample("gateway", round, seconds)),
];

test("a figure is the middle of the rounds, with its bounds", () => {
  expect(figure(samples, "gateway", cost)).toEqual({ median: 600, low: 300, high: 1_200 });
});

test("a ratio is taken within each round", () => {
  const { median, low, high } = ratio(samples, { subject: "gateway", reference: "nginx" }, cost);
  for (const value of [median, low, high]) expect(value).toBeCloseTo(3, 9);
});

test("a difference, too", () => {
  expect(difference(samples, { subject: "gateway", reference: "nginx" }, cost).median).toBeCloseTo(400, 9);
});

test("without the reference there is no figure", () => {
  expect(ratio(samples, { subject: "gateway", reference: "relay" }, cost).median).toBeNaN();
});
