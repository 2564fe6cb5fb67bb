import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeDirectoryStore } from "../../../test/contracts/directory-store.ts";
import { describeExperimentStore } from "../../../test/contracts/experiment-store.ts";
import { describeIdempotencyStore } from "../../../test/contracts/idempotency-store.ts";
import { describeKeyStore } from "../../../test/contracts/key-store.ts";
import { describeLearningStore } from "../../../test/contracts/learning-store.ts";
import { describeLedgerStore } from "../../../test/contracts/ledger-store.ts";
import { describeRegistryStore } from "../../../test/contracts/registry-store.ts";
import { sampleAttempt, sampleCall } from "../../../test/contracts/sample-calls.ts";
import { describeSecretStore } from "../../../test/contracts/secret-store.ts";
import type { CallRecord } from "../../core/ledger.ts";
import { openSqlite } from "../../runtime/sqlite.ts";
import { attemptColumns, callColumns } from "./call-columns.ts";
import { attemptRow, callRow } from "./call-rows.ts";
import { createSqliteIdempotencyStore } from "./idempotency-store.ts";
import { createSqliteStores, migrate, type SqliteStores } from "./index.ts";
import { createSqliteLedgerAudit } from "./ledger-audit.ts";
import { createCatalogue } from "./migrations/create-catalogue.ts";
import { createIdempotency } from "./migrations/create-idempotency.ts";
import { createKeys } from "./migrations/create-keys.ts";
import { createLedger } from "./migrations/create-ledger.ts";
import { createQuarantine } from "./migrations/create-quarantine.ts";
import { createRegistry } from "./migrations/create-registry.ts";
import { openFakeBox } from "./testing.ts";

const openTwice = () => {
  const folder = mkdtempSync(join(tmpdir(), "stores-"));
  const path = join(folder, "main.db");
  const [first, second] = [openSqlite({ path }), openSqlite({ path })];
  const close = () => {
    first.close();
    second.close();
    rmSync(folder, { recursive: true });
  };
  const stores = [first, second].map((database) => createSqliteStores(database, undefined, openFakeBox()));
  return { first: stores[0] as SqliteStores, second: stores[1] as SqliteStores, database: first, close };
};

describeLedgerStore("sqlite ledger", () => {
  const { first, close } = openTwice();
  return { ledger: first.ledger, fold: first.fold, close };
});
describeLearningStore("sqlite learning", () => {
  const { first, close } = openTwice();
  return { learning: first.learning, ledger: first.ledger, fold: first.fold, close };
});
describeExperimentStore("sqlite experiments", () => {
  const { first, close } = openTwice();
  return { experiments: first.experiments, learning: first.learning, ledger: first.ledger, fold: first.fold, close };
});
describeKeyStore("sqlite keys", () => {
  const { first, second, close } = openTwice();
  return { keys: first.keys, elsewhere: second.keys, directory: first.directory, close };
});
describeDirectoryStore("sqlite directory", () => {
  const { first, second, close } = openTwice();
  return { directory: first.directory, elsewhere: second.directory, keys: first.keys, close };
});
describeRegistryStore("sqlite registry", () => {
  const { first, second, close } = openTwice();
  return { registry: first.registry, elsewhere: second.registry, close };
});
describeSecretStore("sqlite secrets", () => {
  const keys = ["k1"];
  const database = openSqlite({ path: ":memory:" });
  const { secrets, registry } = createSqliteStores(database, undefined, openFakeBox(keys));
  const at = "WHERE kind = 'provider' AND name = ?";
  return {
    ...{ secrets, registry, keys },
    setSettings: (provider, settings) =>
      void database
        .prepare(`UPDATE objects SET value_json = json_set(value_json, '$.settings', json(?)) ${at}`)
        .run([JSON.stringify(settings), provider]),
    settingsOf: (provider) =>
      database
        .prepare(`SELECT value_json -> '$.settings' AS settings FROM objects ${at}`)
        .get<{ settings: string }>([provider])?.settings ?? "",
    close: () => database.close(),
  };
});
describeIdempotencyStore("sqlite idempotency", () => {
  const folder = mkdtempSync(join(tmpdir(), "stores-"));
  const path = join(folder, "main.db");
  const [here, elsewhere] = [openSqlite({ path }), openSqlite({ path })];
  migrate(here);
  const close = () => {
    here.close();
    elsewhere.close();
    rmSync(folder, { recursive: true });
  };
  return { store: createSqliteIdempotencyStore(here), elsewhere: createSqliteIdempotencyStore(elsewhere), close };
});

describe("sqlite idempotency", () => {
  test("waits for the log to be on the disk where it is told how", async () => {
    const database = openSqlite({ path: ":memory:" });
    migrate(database);
    let synced = 0;
    const syncLog = async () => {
      synced += 1;
    };
    await createSqliteIdempotencyStore(database, { syncLog }).flushed();
    expect(synced).toBe(1);
    expect(createSqliteIdempotencyStore(database).flushed()).toBeUndefined();
    database.close();
  });

  test("waits for another connection's lock while the program runs on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "stores-"));
    const path = join(folder, "main.db");
    const [writer, waiting] = [openSqlite({ path }), openSqlite({ path })];
    migrate(writer);
    const store = createSqliteIdempotencyStore(waiting);
    writer.exec("BEGIN IMMEDIATE");
    const entry = { id: "a", fingerprint: "f", callId: "c", owner: "o", expiresAt: 1, answer: null };
    const began = performance.now();
    const taking = store.take(entry, null);
    expect(performance.now() - began).toBeLessThan(50);
    expect(taking).toBeInstanceOf(Promise);
    await new Promise((resolve) => setTimeout(resolve, 20));
    writer.exec("COMMIT");
    expect(await taking).toBe(true);
    expect(await store.find("a")).toEqual(entry);
    writer.close();
    waiting.close();
    rmSync(folder, { recursive: true });
  });
});

const ownDecision = { decision_json: JSON.stringify(sampleCall("a").decision), decision_id: null };

describe("sqlite ledger", () => {
  test("shows all attempts alike to who reads the tables, wherever they stand", () => {
    const { first, database, close } = openTwice();
    const answered = sampleCall("a");
    const failed = sampleCall("b", {
      outcome: "error",
      target: null,
      model: null,
      usage: null,
      usageSource: "unknown",
    });
    first.fold.apply({
      segment: "s",
      owner: "o",
      from: 0,
      to: 1,
      dispatched: [],
      settled: [answered, failed],
      gaps: 0,
    });
    const rows = database
      .prepare("SELECT call_id, number, target, cost, delivered FROM attempts ORDER BY call_id")
      .all<object>();
    const row = { number: 1, target: "openai/small", cost: 4_500_000, delivered: 1 };
    expect(rows).toEqual([
      { call_id: "a", ...row },
      { call_id: "b", ...row },
    ]);
    expect(database.prepare("SELECT call_id FROM separate_attempts").all<object>()).toEqual([{ call_id: "b" }]);
    close();
  });

  test("keeps a decision that repeats once, and loses none with a group that is rolled back", async () => {
    const { first, database, close } = openTwice();
    const decided = (id: string, reason: string): CallRecord =>
      sampleCall(id, { decision: { strategy: "cheapest", reason, candidates: [] } });
    const group = { segment: "s", owner: "o", dispatched: [], gaps: 0 };
    const bad = { ...sampleCall("x"), costPicoUsd: Number.NaN };
    const steps = [
      [decided("a", "one"), decided("b", "one"), decided("c", "one")],
      // What these shared before the refusal is rolled back with it; the ids of their rows are given out again.
      [
        decided("d", "two"),
        decided("e", "two"),
        bad,
        decided("f", "three"),
        decided("g", "three"),
        decided("h", "two"),
      ],
      [decided("i", "two"), decided("j", "three"), decided("k", "one"), decided("l", "two"), decided("m", "three")],
    ];
    for (const [step, settled] of steps.entries())
      await first.fold.apply({ ...group, from: step, to: step + 1, settled });
    for (const call of steps.flat()) if (call !== bad) expect(await first.ledger.callById(call.id)).toEqual(call);
    const { n } =
      database.prepare("SELECT count(*) AS n FROM calls WHERE decision_id IS NULL").get<{ n: number }>() ?? {};
    expect(n).toBeLessThan(steps.flat().length - 3);
    close();
  });

  test("binds each value to the column of its name", () => {
    const call = sampleCall("a");
    expect(Object.keys(callRow(call, call.attempts[0], ownDecision))).toEqual([...callColumns]);
    expect(Object.keys(attemptRow("a", sampleAttempt()))).toEqual([...attemptColumns]);
  });

  test("goes on with the calls that an older program entered", async () => {
    const database = openSqlite({ path: ":memory:" });
    for (const step of [createLedger, createKeys, createRegistry, createCatalogue, createIdempotency, createQuarantine])
      database.exec(step);
    database.exec("PRAGMA user_version = 6");
    const old = { call: callRow(sampleCall("a"), undefined, ownDecision), attempt: attemptRow("a", sampleAttempt()) };
    const insert = (table: string, row: object, columns: readonly string[]): void => {
      const values = columns.map((column) => (row as Record<string, unknown>)[column]);
      const places = columns.map(() => "?").join(", ");
      database.prepare(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places})`).run(values);
    };
    const ofThen = (table: string, columns: readonly string[]): readonly string[] => {
      const known = database.prepare(`PRAGMA table_info(${table})`).all<{ name: string }>();
      return columns.filter((column) => known.some(({ name }) => name === column));
    };
    insert("calls", old.call, ofThen("calls", callColumns));
    insert("attempts", old.attempt, ofThen("attempts", attemptColumns));
    const { ledger, fold } = createSqliteStores(database);
    expect(await ledger.callById("a")).toEqual(sampleCall("a"));
    await fold.apply({ segment: "s", owner: "o", from: 0, to: 1, dispatched: [], settled: [sampleCall("b")], gaps: 0 });
    for (const groupBy of ["model", "route"] as const)
      expect(await ledger.usage({ groupBy })).toMatchObject([{ calls: 2, attempts: 2, costPicoUsd: 9_000_000 }]);
    const audited = createSqliteLedgerAudit(database).inspect((snapshot) => [...snapshot.calls()]);
    expect(audited.map((one) => one.kind === "call" && one.call.attempts)).toEqual([
      [sampleAttempt()],
      [sampleAttempt()],
    ]);
    database.close();
  });
});

describe("migrate", () => {
  test("runs once, and refuses a database of a newer program", () => {
    const { database, close } = openTwice();
    expect(migrate(database)).toBe(0);
    database.exec("PRAGMA user_version = 999");
    expect(() => migrate(database)).toThrow("newer version");
    close();
  });

  test("takes nothing over from a migration that fails half-way", () => {
    const database = openSqlite({ path: ":memory:" });
    database.exec("CREATE TABLE versions (area TEXT)");
    expect(() => migrate(database)).toThrow();
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'calls'").get()).toBeUndefined();
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 0 });
    database.close();
  });
});
