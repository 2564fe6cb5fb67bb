import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleAttempt, sampleCall, sampleDispatch } from "../../../test/contracts/sample-calls.ts";
import { chooseSeed, SeededRandom } from "../../../test/support/seeded-random.ts";
import type { CallRecord } from "../../core/ledger.ts";
import type { SpendingQuestion } from "../../core/ports/budgets.ts";
import type { FoldGroup } from "../../core/ports/ledger-store.ts";
import { openSqlite } from "../../runtime/sqlite.ts";
import { createSqliteFoldStore } from "./fold-store.ts";
import { migrate } from "./migrations.ts";
import { readSpending } from "./spending.ts";
import { unequalDays } from "./spent-days.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const open = () => {
  const folder = mkdtempSync(join(tmpdir(), "intellirouter-spending-"));
  folders.push(folder);
  const database = openSqlite({ path: join(folder, "x.db") });
  migrate(database);
  const fold = createSqliteFoldStore(database);
  let offset = 0;
  const apply = (group: Partial<FoldGroup>): void => {
    fold.apply({
      ...{ segment: "s", owner: "o", from: offset, to: offset + 1, dispatched: [], settled: [], gaps: 0 },
      ...group,
    });
    offset += 1;
  };
  return { database, fold, apply };
};

const day = 86_400_000;
const noon = Date.UTC(2026, 10, 30, 12);
const all: SpendingQuestion["period"] = { start: 0, end: null };
const total = (database: Parameters<typeof readSpending>[0], period = all): number =>
  readSpending(database, { questions: [{ period, by: [] }], calls: [] }).sums[0]?.[0]?.pico ?? 0;

const costing = (id: string, costs: readonly number[], changes: Partial<CallRecord> = {}): CallRecord => {
  const attempts = costs.map((cost, index) =>
    sampleAttempt({ number: index + 1, target: `p/m${index % 2}`, model: `m${index % 2}`, costPicoUsd: cost }),
  );
  return sampleCall(id, {
    costPicoUsd: costs.reduce((sum, cost) => sum + cost, 0),
    attempts,
    ...(costs.length === 1 ? { target: "p/m0", model: "m0" } : { target: null, model: null, outcome: "error" }),
    ...changes,
  });
};

test("nothing is kept before somebody asks; then all that came before and comes after is in", () => {
  const { database, apply } = open();
  const kept = (): unknown => database.prepare("SELECT count(*) AS rows FROM spent_days").get();
  apply({ settled: [costing("a", [100]), costing("b", [10, 20], { startedAt: noon - 40 * day })] });
  expect(kept()).toEqual({ rows: 0 });
  expect(total(database)).toBe(130);
  apply({ settled: [costing("c", [1]), costing("d", [2, 3], { startedAt: noon + 400 * day })] });
  expect(total(database)).toBe(136);
  expect(total(database, { start: Date.UTC(2026, 10, 30), end: Date.UTC(2026, 11, 1) })).toBe(101);
});

test("sums are by what is asked for, and callers without team or key are told apart", () => {
  const { database, apply } = open();
  apply({
    settled: [
      costing("a", [1]),
      costing("b", [2], { keyId: null, team: "red" }),
      costing("c", [4, 8], { keyId: null }),
      costing("d", [16], { keyId: "key-2" }),
    ],
  });
  const questions: readonly SpendingQuestion[] = [
    { period: all, by: ["keyId"] },
    { period: all, by: ["target"] },
    { period: all, by: ["team", "tenant"] },
  ];
  const [keys, targets, teams] = readSpending(database, { questions, calls: [] }).sums;
  const shown = (rows: typeof keys, of: (row: NonNullable<typeof keys>[number]) => unknown) =>
    new Map(rows?.map((row) => [of(row), row.pico]));
  expect(shown(keys, ({ spender }) => spender.keyId)).toEqual(
    new Map([
      [null, 14],
      ["key-1", 1],
      ["key-2", 16],
    ]),
  );
  expect(shown(targets, ({ target }) => target)).toEqual(
    new Map([
      ["p/m0", 23],
      ["p/m1", 8],
    ]),
  );
  expect(shown(teams, ({ spender }) => spender.team)).toEqual(
    new Map([
      [null, 29],
      ["red", 2],
    ]),
  );
});

test("a settlement that comes after all replaces the worst case; what is removed for its age stays spent", () => {
  const { database, apply, fold } = open();
  expect(total(database)).toBe(0);
  fold.interrupt("o", [
    costing("a", [100], { outcome: "interrupted" }),
    costing("b", [5, 6], { outcome: "interrupted" }),
  ]);
  expect(total(database)).toBe(111);
  apply({ settled: [costing("a", [1]), costing("b", [2, 3])] });
  expect(total(database)).toBe(6);
  database.exec("DELETE FROM calls; DELETE FROM separate_attempts");
  expect(total(database)).toBe(6);
});

test("tells what is open at its worst case, and which calls are settled", () => {
  const { database, apply } = open();
  const again = sampleDispatch("open", { attempt: 2, target: "p/m1", worstCasePicoUsd: 7 });
  apply({ dispatched: [sampleDispatch("open"), again, sampleDispatch("done")] });
  apply({ settled: [costing("done", [3])] });
  const answer = readSpending(database, { questions: [], calls: ["done", "open", "never"] });
  expect(answer.settled).toEqual([{ call: "done", attempts: [{ target: "p/m0", cost: 3 }] }]);
  expect(answer.open).toMatchObject([
    { call: "open", spender: { tenant: "default", team: null, keyId: "key-1", route: "auto" } },
  ]);
  expect(answer.open[0]?.attempts.map(({ cost }) => cost)).toEqual([9_000_000_000, 7]);
  expect(answer.latest).toBe(noon);
});

test("a sum beyond what a number holds comes whole", () => {
  const { database, apply } = open();
  const most = Number.MAX_SAFE_INTEGER;
  apply({ settled: [costing("a", [most]), costing("b", [most]), costing("c", [most])] });
  const [[sum] = []] = readSpending(database, { questions: [{ period: all, by: [] }], calls: [] }).sums;
  expect(BigInt(sum?.usd ?? 0) * 1_000_000_000_000n + BigInt(sum?.pico ?? 0)).toBe(3n * BigInt(most));
});

test("however calls come in, the sums are those of the calls", () => {
  const seed = chooseSeed(process.env["SEED"]);
  console.log(`seed ${seed}`);
  const random = new SeededRandom(seed);
  const { database, apply, fold } = open();
  for (let step = 0; step < 300; step++) {
    const id = `c${random.between(0, 150)}`;
    const costs = Array.from({ length: random.between(0, 3) }, () => random.between(0, 1_000_000));
    const startedAt = noon + random.between(-20, 20) * day;
    const call = costing(id, costs, { startedAt, keyId: random.pick(["a", "b", null]) });
    if (random.next() < 0.3) fold.interrupt("o", [{ ...call, outcome: "interrupted" }]);
    else apply({ settled: [call] });
    if (step < 100 && random.next() < 0.97) continue;
    const truth = database.prepare("SELECT coalesce(sum(cost), 0) AS sum FROM calls").get<{ sum: number }>()?.sum;
    expect(total(database)).toBe(truth ?? 0);
    expect(unequalDays(database)).toEqual([]);
  }
});

test("a group that is rolled back, and a record that is refused, leave no sum", () => {
  const { database, fold, apply } = open();
  expect(total(database)).toBe(0);
  const moved = { segment: "s", owner: "o", from: 7, to: 8, dispatched: [], settled: [costing("m", [1])], gaps: 0 };
  expect(fold.apply(moved)).toEqual({ kind: "moved" });
  const broken = { ...costing("b", [2, 4]), status: null as unknown as number };
  apply({ settled: [costing("a", [100]), broken, costing("c", [8, 16])] });
  expect(total(database)).toBe(124);
  expect(unequalDays(database)).toEqual([]);
});

test("names that stand next to each other are not taken for others", () => {
  const { database, apply } = open();
  expect(total(database)).toBe(0);
  const changes = [
    { team: "ab", keyId: "c" },
    { team: "a", keyId: "bc" },
    { team: null, keyId: "abc" },
    { team: "abc", keyId: null },
  ];
  apply({ settled: changes.map((change, index) => costing(`c${index}`, [1], change)) });
  const rows = database.prepare("SELECT team, key_id AS keyId, cost FROM spent_days ORDER BY team").all();
  expect(rows).toEqual([
    { team: "", keyId: "abc", cost: 1 },
    { team: "a", keyId: "bc", cost: 1 },
    { team: "ab", keyId: "c", cost: 1 },
    { team: "abc", keyId: "", cost: 1 },
  ]);
});
