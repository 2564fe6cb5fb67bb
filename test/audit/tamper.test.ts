import type { Database } from "bun:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../e2e/run-program.ts";
import { tamper } from "./rows.ts";

const rows = 6;
let original: string;
let folder: string;

const run = (...args: readonly string[]) => runProgram([...args, "--data", folder]);
const verify = async (): Promise<{ exitCode: number; report: Record<string, unknown> }> => {
  const { exitCode, output } = await run("audit", "verify", "--json");
  return { exitCode, report: JSON.parse(output) };
};
const headFile = (): string => join(folder, "audit.head");

beforeAll(async () => {
  original = mkdtempSync(join(tmpdir(), "audit-"));
  folder = original;
  for (let number = 1; number < rows; number++) await run("keys", "create", `key-${number}`);
  tamper(folder, (database) => database.run("PRAGMA wal_checkpoint(TRUNCATE)"));
}, 60_000);
afterAll(() => rmSync(original, { recursive: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-"));
  for (const name of ["intellirouter.db", "audit.head", "pepper"])
    copyFileSync(join(original, name), join(folder, name));
});

const dropTriggers = (database: Database): void => {
  for (const name of ["keeps_rows", "keeps_values", "keeps_order"]) database.run(`DROP TRIGGER audit_${name}`);
};

test("holds as it was written, the head included", async () => {
  const { exitCode, report } = await verify();
  expect(exitCode).toBe(0);
  expect(report).toMatchObject({ ok: true, rows, broken: null, head: { state: "agrees", sequence: rows } });
});

describe("the database itself refuses", () => {
  test.each([
    "UPDATE audit SET actor = 'x' WHERE sequence = 2",
    "DELETE FROM audit WHERE sequence = 2",
    "DELETE FROM audit",
    "REPLACE INTO audit SELECT * FROM audit WHERE sequence = 2",
    "INSERT INTO audit SELECT sequence + 7, time, actor, tenant, action, object_kind, object_id, outcome, code, request_id, remote_address, completes, changes, previous_hash, hash FROM audit WHERE sequence = 2",
  ])("%s", (sql) => {
    tamper(folder, (database) => expect(() => database.run(sql)).toThrow("append-only"));
  });
});

describe("with the triggers gone it is found", () => {
  /** One byte of each column, and what else somebody may think of. */
  const edits: readonly (readonly [what: string, sql: string, sequence: number])[] = [
    ["time", "UPDATE audit SET time = time + 1 WHERE sequence = 3", 3],
    ["actor", "UPDATE audit SET actor = 'locaL' WHERE sequence = 3", 3],
    ["tenant", "UPDATE audit SET tenant = 'defaulT' WHERE sequence = 3", 3],
    ["action", "UPDATE audit SET action = 'key.revoke' WHERE sequence = 3", 3],
    ["kind", "UPDATE audit SET object_kind = 'keY' WHERE sequence = 3", 3],
    ["id", "UPDATE audit SET object_id = NULL WHERE sequence = 3", 3],
    ["outcome", "UPDATE audit SET outcome = 'oK' WHERE sequence = 3", 3],
    ["code", "UPDATE audit SET code = '' WHERE sequence = 3", 3],
    ["request", "UPDATE audit SET request_id = request_id || 'x' WHERE sequence = 3", 3],
    ["address", "UPDATE audit SET remote_address = '10.0.0.1' WHERE sequence = 3", 3],
    ["completes", "UPDATE audit SET completes = 1 WHERE sequence = 3", 3],
    ["changes", "UPDATE audit SET changes = replace(changes, 'key-2', 'key-9') WHERE sequence = 3", 3],
    ["a space in the changes", "UPDATE audit SET changes = changes || ' ' WHERE sequence = 3", 3],
    ["the hash before", "UPDATE audit SET previous_hash = hash WHERE sequence = 3", 3],
    ["the hash", "UPDATE audit SET hash = previous_hash WHERE sequence = 3", 3],
    ["a row taken out", "DELETE FROM audit WHERE sequence = 3", 3],
    ["the first row taken out", "DELETE FROM audit WHERE sequence = 1", 1],
    ["the last row taken away", `DELETE FROM audit WHERE sequence = ${rows}`, rows],
    ["three rows taken away", `DELETE FROM audit WHERE sequence > ${rows - 3}`, rows - 2],
    ["all rows taken away", "DELETE FROM audit", 1],
  ];
  test.each(edits.map((one) => [...one] as const))("%s", async (_, sql, sequence) => {
    tamper(folder, (database) => {
      dropTriggers(database);
      expect(database.run(sql).changes).toBeGreaterThan(0);
    });
    const { exitCode, report } = await verify();
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ ok: false, broken: { sequence } });
  });

  test("rows taken away, and further acts put on top of the rest", async () => {
    tamper(folder, (database) => {
      dropTriggers(database);
      database.run(`DELETE FROM audit WHERE sequence > ${rows - 1}`);
    });
    const head = readFileSync(headFile(), "utf8");
    for (let number = 0; number < 2; number++)
      expect((await run("keys", "create", `later-${number}`)).exitCode).toBe(0);
    // What proves it is not written over.
    expect(readFileSync(headFile(), "utf8")).toBe(head);
    const { exitCode, report } = await verify();
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ broken: { sequence: rows }, head: { state: "differs" } });
  }, 20_000);
});

describe("the head", () => {
  test.each([
    ["gone", () => rmSync(headFile()), { ok: false, head: { state: "missing" } }],
    ["emptied", () => writeFileSync(headFile(), ""), { ok: false, head: { state: "unreadable" } }],
  ] as const)("%s: told", async (_, change, expected) => {
    change();
    const { exitCode, report } = await verify();
    expect(exitCode).toBe(1);
    expect(report).toMatchObject(expected);
  });

  test("that stayed behind is no fault, and the next row brings it up", async () => {
    const hash = tamper(folder, (database) => database.query("SELECT hash FROM audit WHERE sequence = 4").get()) as {
      hash: string;
    };
    writeFileSync(headFile(), `4 ${hash.hash}\n`);
    expect(await verify()).toMatchObject({ exitCode: 0, report: { ok: true, head: { state: "behind", sequence: 4 } } });
    await run("keys", "create", "next");
    expect((await verify()).report).toMatchObject({ head: { state: "agrees", sequence: rows + 1 } });
  });
});

test("people are told the row", async () => {
  tamper(folder, (database) => {
    dropTriggers(database);
    database.run("UPDATE audit SET actor = 'x' WHERE sequence = 2");
  });
  const { exitCode, output } = await run("audit", "verify");
  expect(exitCode).toBe(1);
  expect(output).toContain("Broken at row 2");
  // A text of the program's own, so that whoever changed a row cannot choose what is shown of it.
  expect((await run("audit", "list")).exitCode).toBe(0);
});
