import { describe, expect, test } from "bun:test";
import { CancelController, platformSignal } from "./cancel.ts";

describe("a cancel signal", () => {
  test("tells all who listen, once, in no time, with the first reason", () => {
    const controller = new CancelController();
    const told: string[] = [];
    for (const name of ["a", "b", "c"]) controller.signal.addEventListener("abort", () => told.push(name));
    expect(controller.signal.aborted).toBe(false);
    controller.abort("first");
    controller.abort("second");
    expect(told).toEqual(["a", "b", "c"]);
    expect(controller.signal).toMatchObject({ aborted: true, reason: "first" });
  });

  test("does not tell who listens no more, whichever place they had", () => {
    for (const gone of [0, 1, 2]) {
      const controller = new CancelController();
      const told: number[] = [];
      const listeners = [0, 1, 2].map((place) => () => void told.push(place));
      for (const listener of listeners) controller.signal.addEventListener("abort", listener);
      controller.signal.removeEventListener("abort", listeners[gone] as () => void);
      controller.abort("now");
      expect(told).toEqual([0, 1, 2].filter((place) => place !== gone));
    }
  });

  test("a listener that takes another one away keeps it from nothing that was due", () => {
    const controller = new CancelController();
    const told: string[] = [];
    const second = (): void => void told.push("second");
    controller.signal.addEventListener("abort", () => controller.signal.removeEventListener("abort", second));
    controller.signal.addEventListener("abort", second);
    controller.abort("now");
    expect(told).toEqual(["second"]);
  });

  test("as the platform's own it is given with the same reason, also where that has happened already", () => {
    const controller = new CancelController();
    const before = platformSignal(controller.signal);
    expect(before.aborted).toBe(false);
    controller.abort("gone");
    for (const signal of [before, platformSignal(controller.signal)])
      expect([signal.aborted, signal.reason]).toEqual([true, "gone"]);
    expect(platformSignal(before)).toBe(before);
  });
});
