import { expect, test } from "bun:test";
import { Restarts } from "./worker-restarts.ts";

const create = () => {
  let now = 0;
  const restarts = new Restarts(() => now);
  return {
    restarts,
    live: (milliseconds: number): number => {
      restarts.noteReady();
      now += milliseconds;
      return restarts.noteEnded();
    },
  };
};

test("who dies soon again and again is waited for longer each time; a long life is forgiven everything", () => {
  const { live } = create();
  expect([live(5), live(5), live(5), live(5)]).toEqual([0, 100, 200, 400]);
  expect([live(10_000), live(10_000), live(5)]).toEqual([0, 0, 100]);
  for (let deaths = 0; deaths < 20; deaths++) expect(live(5)).toBeLessThanOrEqual(5_000);
});

test("after five starts in a row that came to nothing there is no further one", () => {
  const { restarts } = create();
  const starts = (count: number): (number | undefined)[] =>
    Array.from({ length: count }, () => restarts.noteFailedStart());
  expect(starts(3)).toEqual([100, 200, 400]);
  restarts.noteReady();
  expect(starts(5)).toEqual([100, 200, 400, 800, undefined]);
});
