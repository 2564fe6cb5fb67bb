import { expect, test } from "bun:test";
import { type Held, overruns } from "./open-calls.ts";

const held = (target: string, amount: number): Held => ({ hold: 1, target, amount, of: [] });
const open = (...holds: readonly Held[]) => ({
  id: "c",
  startedAt: 0,
  spender: {} as never,
  held: [...holds],
  asker: {},
});

const cases: readonly (readonly [
  string,
  readonly Held[],
  readonly (readonly [string, number])[],
  readonly object[],
])[] = [
  ["nothing held, nothing spent", [], [], []],
  ["less than was held", [held("p/m", 5)], [["p/m", 4]], []],
  ["all that was held", [held("p/m", 5)], [["p/m", 5]], []],
  ["more than was held", [held("p/m", 5)], [["p/m", 6]], [{ target: "p/m", spent: 6n, held: 5n }]],
  ["what nothing was held for", [held("p/m", 5)], [["q/m", 6]], []],
  ["a call that was held for and never tried", [held("p/m", 5)], [], []],
  [
    "two tries within both holds",
    [held("p/m", 5), held("p/m", 5)],
    [
      ["p/m", 8],
      ["p/m", 2],
    ],
    [],
  ],
  [
    "two tries for one hold",
    [held("p/m", 5)],
    [
      ["p/m", 3],
      ["p/m", 3],
    ],
    [{ target: "p/m", spent: 6n, held: 5n }],
  ],
  [
    "one target of two",
    [held("p/m", 5), held("q/m", 5)],
    [
      ["p/m", 5],
      ["q/m", 7],
    ],
    [{ target: "q/m", spent: 7n, held: 5n }],
  ],
];
test.each(cases.map((one) => [...one] as const))("%s", (_, holds, spent, expected) => {
  const attempts = spent.map(([target, cost]) => ({ target, cost }));
  expect(overruns(open(...holds), attempts)).toEqual([...expected] as never);
});
