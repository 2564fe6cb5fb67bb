import { Database } from "bun:sqlite";
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Durability } from "../core/ports/append-file.ts";
import type { SqlDatabase } from "../core/ports/sql.ts";
import { corrupt, explainSqlite } from "./sqlite-errors.ts";
import { wrapStatement } from "./sqlite-statement.ts";

export interface SqliteOptions {
  readonly path: string;
  /** `power` also survives a power cut, at the price of an fsync per transaction. */
  readonly durability?: Durability;
  /** How long a statement waits for another process's lock. */
  readonly busyMilliseconds?: number;
  /** Files up to this size are checked whole when they are opened; see {@link checkSqlite} for larger ones. */
  readonly checkUpToBytes?: number;
}

const defaultBusyMilliseconds = 2_000;
// 32 MB take about 40 ms, a seventh of what a start may take.
const defaultCheckUpToBytes = 32 * 1024 * 1024;
const oldestVersion = [3, 38] as const;

/**
 * Opens or creates a database for reading and writing, in WAL mode. Throws GatewayError `storage_unavailable` where
 * the file cannot be created or written, or is damaged; the message then says how to restore it. A damaged file is
 * never replaced. Errors of opening name the file with its folder, later ones without.
 */
export const openSqlite = (options: SqliteOptions): SqlDatabase => {
  const { path, durability = "process", checkUpToBytes = defaultCheckUpToBytes } = options;
  return opening(path, () => {
    const isNew = path !== ":memory:" && prepareFolder(path) === "new";
    const database = new Database(path, { readwrite: true, create: true });
    if (isNew) chmodSync(path, 0o600);
    return configured(database, () => {
      checkVersion(database);
      database.run(`PRAGMA busy_timeout = ${options.busyMilliseconds ?? defaultBusyMilliseconds}`);
      if (!isNew && path !== ":memory:" && statSync(path).size <= checkUpToBytes) check(database, path);
      database.run("PRAGMA journal_mode = WAL");
      database.run(`PRAGMA synchronous = ${durability === "power" ? "FULL" : "NORMAL"}`);
      database.run("PRAGMA foreign_keys = ON");
      // Rarer checkpoints, one each 16 MB, take a sixth off the cost of a folded call.
      database.run("PRAGMA wal_autocheckpoint = 4000");
      database.run("PRAGMA journal_size_limit = 67108864");
      return wrap(database, path);
    });
  });
};

/** Opens an existing database for reading only. Throws as {@link openSqlite} does. */
export const openReadOnly = ({ path, busyMilliseconds = defaultBusyMilliseconds }: SqliteOptions): SqlDatabase =>
  opening(path, () => {
    const database = new Database(path, { readonly: true });
    return configured(database, () => {
      database.run(`PRAGMA busy_timeout = ${busyMilliseconds}`);
      database.run("PRAGMA query_only = ON");
      database.query("SELECT count(*) FROM sqlite_schema").get();
      return wrap(database, path);
    });
  });

/** Reads a whole database and throws where it is damaged. Takes about 1.3 ms per MB: in a worker for large ones. */
export const checkSqlite = (path: string): void =>
  opening(path, () => {
    const database = new Database(path, { readonly: true });
    configured(database, () => check(database, path));
    database.close();
  });

const opening = <Result>(path: string, open: () => Result): Result => {
  try {
    return open();
  } catch (error) {
    throw explainSqlite(error, path);
  }
};

const configured = <Result>(database: Database, configure: () => Result): Result => {
  try {
    return configure();
  } catch (error) {
    database.close();
    throw error;
  }
};

const prepareFolder = (path: string): "new" | "old" => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return existsSync(path) ? "old" : "new";
};

const checkVersion = (database: Database): void => {
  const { version } = database.query("SELECT sqlite_version() AS version").get() as { version: string };
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1]))
    throw new Error(`SQLite ${version} is too old; ${oldestVersion.join(".")} or newer is needed.`);
};

const check = (database: Database, path: string): void => {
  const row = database.query("PRAGMA quick_check(1)").get() as { quick_check: string } | null;
  if (row?.quick_check !== "ok") throw corrupt(path, row?.quick_check ?? "the check gave no answer");
};

const wrap = (database: Database, path: string): SqlDatabase => {
  // What goes wrong from now on may be told to clients: they see the file's name, not where it is.
  const name = basename(path);
  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw explainSqlite(error, name);
    }
  };
  return {
    exec: (sql) => guarded(() => void database.run(sql)),
    prepare: (sql) =>
      wrapStatement(
        guarded(() => database.prepare(sql)),
        guarded,
      ),
    transaction: (work) => {
      guarded(() => database.run("BEGIN IMMEDIATE"));
      try {
        const result = work();
        guarded(() => database.run("COMMIT"));
        return result;
      } catch (error) {
        // SQLite has rolled back by itself after some errors (a full disk, for one).
        if (database.inTransaction) database.run("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
};
