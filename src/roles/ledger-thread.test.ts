import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "../runtime/sqlite.ts";
import { createSqliteStores } from "../stores/sqlite/index.ts";
import { startLedgerThread } from "./ledger-thread.ts";

const start = (database: string, directory: string, onProblem: (message: string) => void = () => undefined) =>
  startLedgerThread({ database, directory, durability: "process", intervalMilliseconds: 50, onProblem });

test("folds in a thread, and stops", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ledger-thread-"));
  const database = join(folder, "db");
  mkdirSync(join(folder, "journal"));
  const open = openSqlite({ path: database });
  createSqliteStores(open);
  const thread = start(database, join(folder, "journal"));
  await thread.fold();
  await thread.stop();
  open.close();
  rmSync(folder, { recursive: true });
});

test("a thread that cannot work says so, and does not hold up the end", async () => {
  const problems: string[] = [];
  const thread = start("/dev/null/none", "/dev/null/journal", (message) => problems.push(message));
  await expect(thread.fold()).rejects.toMatchObject({ code: "storage_unavailable" });
  await thread.stop();
  expect(problems.length).toBeGreaterThan(0);
});
