import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeIdempotencyStore } from "../../../test/contracts/idempotency-store.ts";
import { describeKeyStore } from "../../../test/contracts/key-store.ts";
import { describeLedgerStore } from "../../../test/contracts/ledger-store.ts";
import { describeRegistryStore } from "../../../test/contracts/registry-store.ts";
import { openSqlite } from "../../runtime/sqlite.ts";
import { createSqliteIdempotencyStore } from "./idempotency-store.ts";
import { createSqliteStores, migrate } from "./index.ts";

const openTwice = () => {
  const folder = mkdtempSync(join(tmpdir(), "stores-"));
  const path = join(folder, "main.db");
  const [first, second] = [openSqlite({ path }), openSqlite({ path })];
  const close = () => {
    first.close();
    second.close();
    rmSync(folder, { recursive: true });
  };
  return { first: createSqliteStores(first), second: createSqliteStores(second), database: first, close };
};

describeLedgerStore("sqlite ledger", () => {
  const { first, close } = openTwice();
  return { ledger: first.ledger, fold: first.fold, close };
});
describeKeyStore("sqlite keys", () => {
  const { first, second, close } = openTwice();
  return { keys: first.keys, elsewhere: second.keys, close };
});
describeRegistryStore("sqlite registry", () => {
  const { first, second, close } = openTwice();
  return { registry: first.registry, elsewhere: second.registry, close };
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
