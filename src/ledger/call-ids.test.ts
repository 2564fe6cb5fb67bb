import { expect, test } from "bun:test";
import { createCallIds } from "./call-ids.ts";

test("ids are of one form, none twice, and rise with the time", () => {
  let now = Date.UTC(2026, 10, 30);
  const newId = createCallIds(() => now);
  const ids = Array.from({ length: 2_000 }, (_, index) => {
    if (index % 10 === 0) now += 1;
    return newId();
  });
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{32}$/);
  expect(new Set(ids).size).toBe(ids.length);
  const times = ids.map((id) => id.slice(0, 16));
  expect(times).toEqual(times.toSorted());
  expect(new Set(times).size).toBe(200);
});

test("a clock that goes back takes the ids nowhere back", () => {
  let now = 1_000_000;
  const newId = createCallIds(() => now);
  const before = newId();
  now -= 5_000;
  expect(newId().slice(0, 16)).toBe(before.slice(0, 16));
});
