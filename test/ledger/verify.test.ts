import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runFaked } from "../../src/cli/testing.ts";
import type { CallRecord } from "../../src/core/ledger.ts";
import { costOf } from "../../src/core/money.ts";
import type { SqlDatabase } from "../../src/core/ports/sql.ts";
import { Fold } from "../../src/ledger/fold.ts";
import type { SegmentRecord } from "../../src/ledger/frame.ts";
import { segmentName } from "../../src/ledger/owner.ts";
import { type LedgerReport, verifyLedger } from "../../src/ledger/verify.ts";
import { openReadOnly, openSqlite } from "../../src/runtime/sqlite.ts";
import { createSqliteStores } from "../../src/stores/sqlite/index.ts";
import { createSqliteLedgerAudit } from "../../src/stores/sqlite/ledger-audit.ts";
import { readSpending } from "../../src/stores/sqlite/spending.ts";
import { sampleAttempt, sampleCall, sampleDispatch } from "../contracts/sample-calls.ts";
import { framesOf } from "./frames.ts";

let directory = "";
let database: SqlDatabase;
let isDead = false;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "verify-"));
  database = openSqlite({ path: join(directory, "ledger.db") });
  isDead = false;
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

const owner = "boot-1-2-3-aa";
const segment = segmentName(owner, 1);
const bytes = (...records: object[]): Uint8Array => framesOf(...(records as SegmentRecord[]));
const settled = (call: CallRecord): SegmentRecord => ({ type: "settled", call });
const write = (...parts: Uint8Array[]): void => writeFileSync(join(directory, segment), Buffer.concat(parts));
const liveness = () => (isDead ? "dead" : "alive");

const fold = async (): Promise<void> => {
  const { fold: store } = createSqliteStores(database);
  await new Fold({ store, directory, onProblem: () => undefined, now: Date.now, liveness }).run();
};
const verify = (): LedgerReport => {
  createSqliteStores(database);
  const reader = openReadOnly({ path: join(directory, "ledger.db") });
  try {
    return verifyLedger({ audit: createSqliteLedgerAudit(reader), directory, liveness });
  } finally {
    reader.close();
  }
};
const kinds = (): readonly string[] => verify().differences.map(({ kind }) => kind);

/** A settled call and its dispatch. */
const pair = (id: string): SegmentRecord[] => [sampleDispatch(id), settled(sampleCall(id))];

describe("a ledger in which everything agrees", () => {
  test("with calls in the database, in the journal and under way", async () => {
    write(bytes(...pair("a")));
    await fold();
    write(bytes(...pair("a"), ...pair("b"), sampleDispatch("c")));
    const { figures, differences } = verify();
    expect(differences).toEqual([]);
    expect(figures).toMatchObject({
      calls: 2,
      attempts: 2,
      costPicoUsd: 9_000_000n,
      chargePicoUsd: 9_000_000n,
      pendingCalls: 1,
      openDispatches: 1,
      abandonedDispatches: 0,
    });
    expect(figures.pendingBytes).toBe(bytes(...pair("b"), sampleDispatch("c")).length);
  });

  test("after its process died, before and after the next fold", async () => {
    write(bytes(...pair("a"), sampleDispatch("b")));
    isDead = true;
    expect(verify()).toMatchObject({ differenceCount: 0, figures: { abandonedDispatches: 1 } });
    await fold();
    expect(verify()).toMatchObject({
      differenceCount: 0,
      figures: { calls: 2, interruptedCalls: 1, boundPicoUsd: 9_000_000_000n, openDispatches: 0 },
    });
  });

  test("an interrupted call whose settlement still came counts once", async () => {
    write(bytes(sampleDispatch("a"), { type: "closed" }));
    await fold();
    write(bytes(...pair("a")));
    expect(verify()).toMatchObject({ differenceCount: 0, figures: { calls: 1, interruptedCalls: 1 } });
  });

  test("tells estimated costs, missing prices and what providers say apart", async () => {
    const usage = { inputTokens: 10, outputTokens: 5, reportedCostPicoUsd: 4_000_000 };
    const attempts = [
      sampleAttempt({ usage }),
      sampleAttempt({ number: 2, costSource: "estimated", usageSource: "estimated" }),
      sampleAttempt({ number: 3, costSource: "unpriced", price: null, costPicoUsd: 0 }),
      sampleAttempt({ number: 4, price: null, usage, costPicoUsd: 4_000_000, delivered: false }),
    ];
    write(bytes(settled(sampleCall("a", { attempts, costPicoUsd: 13_000_000, chargePicoUsd: 9_000_000 }))));
    await fold();
    expect(verify()).toMatchObject({
      differenceCount: 0,
      figures: {
        estimatedPicoUsd: 4_500_000n,
        unpricedAttempts: 1,
        reportedCosts: { attempts: 1, theirsPicoUsd: 4_000_000n, oursPicoUsd: 4_500_000n },
      },
    });
  });
});

describe("every difference is found", () => {
  const separate = "INSERT INTO separate_attempts SELECT * FROM attempts";
  // The only attempt of a call that it answered stands in the call's own row.
  const inTables: readonly (readonly [kind: string, what: string, sql: string])[] = [
    ["cost", "a call that costs more than its attempts", "UPDATE calls SET cost = cost + 1"],
    ["charge", "a charge for what was not delivered", "UPDATE calls SET delivered = 0"],
    [
      "attempt cost",
      "a cost that price and usage do not give",
      "UPDATE calls SET attempt_cost = 1, cost = 1, charge = 1",
    ],
    ["attempt cost", "a price that was changed", `UPDATE calls SET price_json = '{"input":1,"output":2}'`],
    ["attempt cost", "a usage that was lost", "UPDATE calls SET usage_json = NULL, input_tokens = NULL"],
    ["no answer", "an answer from nowhere", "UPDATE calls SET provider = NULL, cost = 0, charge = 0"],
    ["attempts", "an attempt that stands twice", `${separate}; UPDATE calls SET cost = 2 * cost, charge = 2 * charge`],
    ["no call", "an attempt whose call is gone", `${separate}; DELETE FROM calls`],
    ["unreadable", "what is no JSON", "UPDATE calls SET usage_json = '{'"],
    [
      "quarantine",
      "a refused record",
      "INSERT INTO quarantine (segment, owner, reason, record) VALUES ('s', 'o', 'r', '{}')",
    ],
    [
      "dispatch",
      "a settled call's open dispatch",
      `INSERT INTO open_dispatches VALUES ('a', 1, 'o', '${JSON.stringify(sampleDispatch("a"))}')`,
    ],
    ["position", "a position beyond the segment", "UPDATE journal_segments SET read_to = read_to + 1"],
    ["gap", "a gap that was passed over", "UPDATE journal_segments SET gaps = 1"],
  ];
  test.each(inTables)("%s: %s", async (kind, _, sql) => {
    write(bytes(...pair("a")));
    await fold();
    expect(kinds()).toEqual([]);
    for (const statement of sql.split("; ")) database.exec(statement);
    expect(kinds()).toEqual([kind]);
  });

  const sumsOfBudgets: readonly (readonly [what: string, sql: string, text: RegExp])[] = [
    ["a sum that was lowered", "UPDATE spent_days SET cost = cost - 1", /take 4499999 as spent .* cost 4500000$/],
    ["a row that was taken out", "DELETE FROM spent_days", /take 0 as spent on openai\/small .* cost 4500000$/],
    [
      "a row that was put on another key",
      "UPDATE spent_days SET key_id = 'k'",
      /take (0|4500000) as .* cost (4500000|0)$/,
    ],
    ["a row too many", "INSERT INTO spent_days VALUES (30000, 't', '', '', 'r', 'p/m', 7)", /take 7 as .* cost 0$/],
  ];
  test.each(sumsOfBudgets)("spent day: %s", async (_, sql, text) => {
    write(bytes(...pair("a")));
    await fold();
    // Nothing is kept, and nothing compared, before there is a budget.
    expect(kinds()).toEqual([]);
    readSpending(database, { questions: [{ period: { start: 0, end: null }, by: [] }], calls: [] });
    expect(kinds()).toEqual([]);
    database.exec(sql);
    const { differences } = verify();
    expect(new Set(differences.map(({ kind }) => kind))).toEqual(new Set(["spent day"]));
    for (const difference of differences) expect(difference.text).toMatch(text);
    const told = await runFaked(["ledger", "verify"], { roles: { verifyLedger: async () => verify() } });
    expect(told.exitCode).toBe(1);
    expect(told.stdout).toMatch(/spent day: day 20\d\d-\d\d-\d\d, budgets take /);
  });

  test("days before the first call are not compared: what was deleted for its age stays spent", async () => {
    write(bytes(...pair("a")));
    await fold();
    readSpending(database, { questions: [{ period: { start: 0, end: null }, by: [] }], calls: [] });
    database.exec("INSERT INTO spent_days VALUES (20000, 't', '', '', 'r', 'p/m', 7)");
    expect(kinds()).toEqual([]);
  });

  const flipped = bytes(settled(sampleCall("b")));
  flipped[100] = (flipped[100] as number) ^ 1;
  const inJournal: readonly (readonly [kind: string, what: string, added: Uint8Array])[] = [
    ["twice", "a call settled again", bytes(settled(sampleCall("a")))],
    ["twice", "a call settled twice", bytes(settled(sampleCall("b")), settled(sampleCall("b")))],
    ["cost", "a sum that is wrong", bytes(settled(sampleCall("b", { costPicoUsd: 1 })))],
    [
      "dispatch",
      "an attempt that its call forgot",
      bytes(sampleDispatch("b", { attempt: 2 }), settled(sampleCall("b"))),
    ],
    ["unreadable", "a record of another kind", bytes({ type: "rebooked" })],
    ["gap", "damage", new Uint8Array(Buffer.concat([flipped, bytes(...pair("c"))]))],
    ["gap", "half a record of a dead process", bytes(settled(sampleCall("b"))).subarray(0, 50)],
  ];
  test.each(inJournal)("%s: %s", async (kind, _, added) => {
    write(bytes(...pair("a")));
    await fold();
    isDead = true;
    write(bytes(...pair("a")), added);
    expect(kinds()).toEqual([kind]);
  });

  test("gap: a damaged segment that was set aside", () => {
    writeFileSync(join(directory, `${segment}.corrupt`), "");
    expect(kinds()).toEqual(["gap"]);
  });

  test("position: a segment that was cut", async () => {
    write(bytes(...pair("a")));
    await fold();
    truncateSync(join(directory, segment), 10);
    expect(kinds()).toEqual(["position"]);
  });
});

describe("intellirouter ledger verify", () => {
  const ledgerOf = (count: number): LedgerReport => {
    const report = verify();
    const differences = Array.from(
      { length: Math.min(count, 2) },
      () => ({ kind: "cost", call: "a", text: "is wrong" }) as const,
    );
    return { ...report, differenceCount: count, differences };
  };
  test.each([
    [0, 0, "No difference."],
    [1, 1, "✗ cost: call a is wrong"],
    [5, 1, "and 3 more"],
  ])("%i differences: exit code %i", async (count, exitCode, text) => {
    const outcome = await runFaked(["ledger", "verify"], { roles: { verifyLedger: async () => ledgerOf(count) } });
    expect(outcome.exitCode).toBe(exitCode);
    expect(outcome.stdout).toContain(text);
    const json = await runFaked(["ledger", "verify", "--json"], {
      roles: { verifyLedger: async () => ledgerOf(count) },
    });
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: count === 0, differenceCount: count, figures: { costUsd: 0 } });
  });
});

test("the sample's own cost is what its price gives", () => {
  const { usage, price, costPicoUsd } = sampleAttempt();
  expect(usage !== null && price !== null && costOf(usage, price)).toBe(costPicoUsd);
});
