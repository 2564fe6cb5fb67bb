import { expect, test } from "bun:test";
import { CounterTable } from "./counter-table.ts";

/** As a call asks: room first. */
const next = (table: CounterTable, counter: Parameters<CounterTable["of"]>[0], now: number) => {
  table.sweep(1, now);
  return table.of(counter);
};

const key = (subject: string) => ({ scope: "key", subject, windowMilliseconds: 1_000 }) as const;

test("a counter is found again by scope, subject and window", () => {
  const table = new CounterTable();
  const counter = next(table, key("a"), 0);
  expect(next(table, key("a"), 0)).toBe(counter);
  for (const other of [key("b"), { ...key("a"), scope: "team" as const }, { ...key("a"), windowMilliseconds: 0 }])
    expect(next(table, other, 0)).not.toBe(counter);
});

test("names from outside cannot make it grow, and what counts is not forgotten for them", () => {
  const table = new CounterTable(10);
  const counter = next(table, key("mine"), 0);
  counter.requests.add(1, 0);
  for (let name = 0; name < 1_000; name++) next(table, key(`stranger ${name}`), 0);
  expect(table.size).toBeLessThanOrEqual(11);
  expect(next(table, key("mine"), 0)).toBe(counter);
});

test("where all places count, further subjects share one counter, until there is room again", () => {
  const table = new CounterTable(5);
  for (let name = 0; name < 5; name++) next(table, key(`${name}`), 0).requests.add(1, 0);
  const shared = next(table, key("x"), 0);
  shared.requests.add(1, 0);
  expect(next(table, key("y"), 0)).toBe(shared);
  expect(next(table, { ...key("y"), scope: "team" }, 0)).not.toBe(shared);
  expect(next(table, key("x"), 1_000)).not.toBe(shared);
});

test("names that are too long share one", () => {
  const table = new CounterTable();
  expect(table.of(key("a".repeat(501)))).toBe(table.of(key("b".repeat(9_999))));
  expect(table.of(key("a".repeat(500)))).not.toBe(table.of(key("a".repeat(501))));
});

test("a call that is open keeps its counter", () => {
  const table = new CounterTable(1);
  const open = next(table, { ...key("a"), windowMilliseconds: 0 }, 0);
  open.open += 1;
  for (let name = 0; name < 20; name++) next(table, key(`${name}`), 5_000);
  expect(next(table, { ...key("a"), windowMilliseconds: 0 }, 5_000)).toBe(open);
});

test("what counts no more makes room, and begins at nothing when it comes back", () => {
  const table = new CounterTable(4);
  const first = next(table, key("a"), 0);
  first.requests.add(1, 0);
  for (const name of ["b", "c", "d"]) next(table, key(name), 0).requests.add(1, 0);
  expect(next(table, key("e"), 1_000)).not.toBe(next(table, key("f"), 1_000));
  expect(table.size).toBeLessThanOrEqual(4);
  expect(next(table, key("a"), 1_000).requests.used(1_000)).toBe(0);
  expect(next(table, key("a"), 1_000)).not.toBe(first);
});
