import { expect, test } from "bun:test";
import { startResting } from "./rest.ts";

const start = () => {
  let pending: { readonly milliseconds: number; readonly callback: () => void } | undefined;
  const state = { taken: 0, inFlight: 0, released: 0 };
  const resting = startResting({
    callsTaken: () => state.taken,
    callsInFlight: () => state.inFlight,
    release: () => {
      state.released += 1;
    },
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
  return { state, resting, pass };
};

test("memory is released soon after the start, and again after each minute without a call", () => {
  const { state, pass } = start();
  expect([pass(), pass(), pass()]).toEqual([3_000, 60_000, 60_000]);
  expect(state.released).toBe(3);
});

test("not while calls come, nor while one is open", () => {
  const { state, pass } = start();
  state.taken = 5;
  pass();
  state.taken = 6;
  pass();
  state.inFlight = 1;
  pass();
  expect(state.released).toBe(0);
  state.inFlight = 0;
  pass();
  expect(state.released).toBe(1);
});

test("not after it was stopped", () => {
  const { state, resting, pass } = start();
  resting.stop();
  expect(pass()).toBeUndefined();
  expect(state.released).toBe(0);
});
