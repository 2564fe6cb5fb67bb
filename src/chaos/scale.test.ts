import { expect, test } from "bun:test";
import { defaultScale, scaleDuration, scaleTimeouts } from "./scale.ts";

test("the longest silence decides, and nothing is ever stretched", () => {
  expect([defaultScale([60_000, 10_000]), defaultScale([200]), defaultScale([])]).toEqual([0.0067, 1, 1]);
});

test("durations keep a floor, 0 and what was shorter", () => {
  expect([
    scaleDuration(10_000, 0.05),
    scaleDuration(10_000, 0.001),
    scaleDuration(20, 0.5),
    scaleDuration(0, 0.5),
  ]).toEqual([500, 50, 20, 0]);
});

test("a call keeps 5 s for pauses, unless it had less", () => {
  const timeouts = {
    connectMilliseconds: 10_000,
    headersMilliseconds: 30_000,
    firstTokenMilliseconds: 60_000,
    idleMilliseconds: 60_000,
  };
  const scaled = (totalMilliseconds: number, scale: number) =>
    scaleTimeouts({ ...timeouts, totalMilliseconds }, scale).totalMilliseconds;
  expect([scaled(600_000, 0.005), scaled(600_000, 0.5), scaled(2_000, 0.005)]).toEqual([5_000, 300_000, 2_000]);
});
