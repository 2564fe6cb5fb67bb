import { expect, test } from "bun:test";
import { SessionPins } from "./session-pins.ts";

const day = 86_400_000;

test("a session is pinned until it is released, or was not used for a day", () => {
  let now = 0;
  const pins = new SessionPins({ monotonic: () => now });
  expect(pins.find("a", "s")).toBeUndefined();
  pins.pin("a", "s", "x/y");
  expect([pins.find("a", "s"), pins.find("b", "s"), pins.find("a", "t")]).toEqual(["x/y", undefined, undefined]);
  now = day - 1;
  expect(pins.find("a", "s")).toBe("x/y");
  now += day - 1;
  pins.pin("a", "s", "x/z");
  expect(pins.find("a", "s")).toBe("x/z");
  now += day;
  expect(pins.find("a", "s")).toBeUndefined();
  pins.pin("a", "s", "x/y");
  pins.release("a", "s");
  expect(pins.find("a", "s")).toBeUndefined();
});

test("sessions that clients make up do not fill the memory", () => {
  const pins = new SessionPins({ monotonic: () => 0 });
  for (let session = 0; session < 30_000; session++) pins.pin("a", String(session), "x/y");
  expect(pins.find("a", "0")).toBeUndefined();
  expect(pins.find("a", "29999")).toBe("x/y");
});
