import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { GatewayError } from "../core/errors.ts";
import { checkSqlite, openReadOnly, openSqlite } from "./sqlite.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sqlite-"));
  path = join(folder, "main.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const refusal = (work: () => unknown): GatewayError => {
  try {
    work();
  } catch (error) {
    if (error instanceof GatewayError && error.code === "storage_unavailable") return error;
    throw error;
  }
  throw new Error("It was not refused.");
};

const filled = (rows = 500): void => {
  const database = openSqlite({ path });
  database.exec("CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT UNIQUE)");
  database.transaction(() => {
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    for (let row = 0; row < rows; row++) insert.run([`thing ${row} ${"x".repeat(200)}`]);
  });
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
};

const pragma = (database: ReturnType<typeof openSqlite>, name: string): unknown =>
  Object.values(database.prepare(`PRAGMA ${name}`).get<object>() ?? {})[0];

describe("openSqlite", () => {
  test("makes the folder and a file for its owner only, in WAL mode", () => {
    const deep = join(folder, "a/b/main.db");
    const database = openSqlite({ path: deep });
    database.exec("CREATE TABLE things (id INTEGER)");
    expect(statSync(deep).mode & 0o777).toBe(0o600);
    expect(pragma(database, "journal_mode")).toBe("wal");
    expect(pragma(database, "synchronous")).toBe(1);
    expect(pragma(database, "foreign_keys")).toBe(1);
    expect(pragma(database, "busy_timeout")).toBe(2_000);
    const durable = openSqlite({ path: deep, durability: "power" });
    expect(pragma(durable, "synchronous")).toBe(2);
    durable.close();
    database.close();
    database.close();
  });

  test("runs, gets, lists and iterates", () => {
    const database = openSqlite({ path: ":memory:" });
    database.exec("CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT)");
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    expect(insert.run(["a"])).toEqual({ changes: 1, lastInsertRowid: 1 });
    insert.run(["b"]);
    const all = database.prepare("SELECT text FROM things ORDER BY id");
    expect([...all.iterate()]).toEqual([{ text: "a" }, { text: "b" }]);
    expect(all.all()).toEqual([{ text: "a" }, { text: "b" }]);
    expect(database.prepare("SELECT text FROM things WHERE id = ?").get([9])).toBeUndefined();
    database.close();
  });

  test("a transaction that throws leaves nothing behind", () => {
    const database = openSqlite({ path: ":memory:" });
    database.exec("CREATE TABLE things (id INTEGER UNIQUE)");
    const insert = database.prepare("INSERT INTO things VALUES (?)");
    const twice = () =>
      database.transaction(() => {
        insert.run([1]);
        insert.run([1]);
      });
    expect(twice).toThrow("UNIQUE");
    expect(twice).not.toThrow(GatewayError);
    expect(database.transaction(() => insert.run([1]).changes)).toBe(1);
    database.close();
  });

  test("waits for another's lock, then refuses", async () => {
    filled(1);
    const lock = `import { Database } from "bun:sqlite";
      const database = new Database(process.argv[1]);
      database.run("BEGIN IMMEDIATE"); console.log("locked");
      await Bun.sleep(Number(process.argv[2])); database.run("COMMIT");`;
    const hold = async (milliseconds: number) => {
      const holder = Bun.spawn([process.execPath, "-e", lock, path, String(milliseconds)], { stdout: "pipe" });
      await holder.stdout.getReader().read();
      return holder;
    };
    const insert = "INSERT INTO things (text) VALUES (hex(randomblob(8)))";
    const patient = openSqlite({ path });
    const short = await hold(200);
    patient.exec(insert);
    await short.exited;

    const hasty = openSqlite({ path, busyMilliseconds: 50 });
    const long = await hold(10_000);
    expect(refusal(() => hasty.exec(insert)).message).toContain("locked by another process");
    const { message } = refusal(() => hasty.transaction(() => undefined));
    expect(message).toContain(basename(path));
    // Clients may come to see it.
    expect(message).not.toContain(dirname(path));
    expect(hasty.prepare("SELECT count(*) AS count FROM things").get()).toEqual({ count: 2 });
    long.kill(9);
    await long.exited;
    hasty.exec(insert);
    patient.close();
    hasty.close();
  });

  test("refuses when full, and goes on when there is room again", () => {
    filled(10);
    const database = openSqlite({ path });
    database.exec("PRAGMA max_page_count = 12");
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const fill = () => database.transaction(() => insert.run(["y".repeat(100_000)]));
    expect(refusal(fill).message).toContain("full");
    expect(refusal(fill).message).toContain("full");
    database.exec("PRAGMA max_page_count = 1000000");
    expect(fill().changes).toBe(1);
    database.close();
  });

  const unusable: Record<string, () => string> = {
    "whose folder is a file": () => {
      writeFileSync(path, "");
      return join(path, "sub/main.db");
    },
    "that is a folder": () => folder,
    "in a folder that cannot be written": () => "/proc/main.db",
    "in a folder that cannot be made": () => "/proc/sub/main.db",
  };
  for (const [name, make] of Object.entries(unusable))
    test(`names a file ${name}`, () => {
      const bad = make();
      const { message } = refusal(() => openSqlite({ path: bad }));
      expect(message).toContain(bad);
    });
});

describe("a damaged database", () => {
  const damages: Record<string, (bytes: Buffer) => void> = {
    "header of garbage": (bytes) => void bytes.fill(0x41, 0, 100),
    "schema page overwritten": (bytes) => void bytes.fill(0x5a, 100, 1_000),
    "inner pages overwritten": (bytes) => void bytes.fill(0xff, 8 * 4_096, 12 * 4_096),
    "cut in the middle": (bytes) => void bytes.fill(0, Math.floor(bytes.length / 2)),
  };
  for (const [name, damage] of Object.entries(damages))
    test(`is refused with the steps to restore it, and left alone: ${name}`, () => {
      filled();
      const bytes = readFileSync(path);
      damage(bytes);
      writeFileSync(path, bytes);
      const { message } = refusal(() => openSqlite({ path }));
      for (const words of [path, "damaged", "Keep a copy", ".recover", "backup", "move all three files away"])
        expect(message).toContain(words);
      expect(readFileSync(path).equals(bytes)).toBe(true);
    });

  test("larger than the limit opens at once; the check and the queries that meet the damage tell", () => {
    filled();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 8 * 4_096, 12 * 4_096);
    writeFileSync(path, bytes);
    const database = openSqlite({ path, checkUpToBytes: 1_000 });
    expect(refusal(() => database.prepare("SELECT sum(length(text)) FROM things").all()).message).toContain(".recover");
    database.close();
    expect(refusal(() => checkSqlite(path)).message).toContain(".recover");
  });

  test("one that is whole passes the check", () => {
    filled();
    checkSqlite(path);
    openSqlite({ path }).close();
  });
});

describe("openReadOnly", () => {
  test("reads what another writes, and writes nothing", () => {
    filled(3);
    const writer = openSqlite({ path });
    const reader = openReadOnly({ path });
    writer.exec("INSERT INTO things (text) VALUES ('new')");
    expect(reader.prepare("SELECT count(*) AS count FROM things").get()).toEqual({ count: 4 });
    expect(refusal(() => reader.exec("DELETE FROM things")).message).toContain("cannot be written");
    reader.close();
    writer.close();
  });

  test("does not make a file that is not there", () => {
    expect(refusal(() => openReadOnly({ path })).message).toContain(path);
    expect(existsSync(path)).toBe(false);
  });
});
