import { expect, test } from "bun:test";
import { startResting } from "./rest.ts";

const start = () => {
  let pending: { readonly milliseconds: number; readonly callback: () => void } | undefined;
  const state = { taken: 0, inFlight: 0 };
  const released: string[] = [];
  const resting = startResting({
    callsTaken: () => state.taken,
    callsInFlight: () => state.inFlight,
    release: (kind) => void released.push(kind),
    system: {
      after(milliseconds, callback) {
        pending = { milliseconds, callback };
        return {
          cancel: () => {
            pending = undefined;
          },
        };
      },
    },
  });
  const pass = (): number | undefined => {
    const due = pending;
    due?.callback();
    return due?.milliseconds;
  };
  return { state, released, resting, pass };
};

test("memory is released soon after the start, and again after each minute without a call", () => {
  const { state, released, pass } = start();
  expect([pass(), pass()]).toEqual([3_000, 60_000]);
  expect(released).toEqual(["unused", "unused"]);
  state.taken = 1;
  expect([pass(), pass()]).toEqual([60_000, 60_000]);
  expect(released).toEqual(["unused", "unused", "used"]);
});

test("not while calls come, nor while one is open", () => {
  const { state, released, pass } = start();
  state.taken = 5;
  pass();
  state.taken = 6;
  pass();
  state.inFlight = 1;
  pass();
  expect(released).toEqual([]);
  state.inFlight = 0;
  pass();
  expect(released).toEqual(["used"]);
});

test("not after it was stopped", () => {
  const { released, resting, pass } = start();
  resting.stop();
  expect(pass()).toBeUndefined();
  expect(released).toEqual([]);
});
