import { GatewayError } from "../../core/errors.ts";
import type { Holder, IdempotencyStore, KeyEntry } from "../../core/ports/idempotency.ts";
import type { SqlDatabase, SqlStatement } from "../../core/ports/sql.ts";

export interface IdempotencyStoreOptions {
  /** Puts the write-ahead log on the disk; absent where entries need not survive a power cut. */
  readonly syncLog?: () => Promise<void>;
}

/** About two seconds in all, as long as other connections wait. */
const mostTries = 1_000;
const pauseMilliseconds = 2;

const isBusy = (thrown: unknown): boolean => {
  const code = thrown instanceof GatewayError ? (thrown.cause as { code?: unknown } | undefined)?.code : undefined;
  return typeof code === "string" && code.startsWith("SQLITE_BUSY");
};

/** Waits for another connection's write lock with the program running on, where SQLite itself would block it. */
const patiently = <Result>(work: () => Result): Result | Promise<Result> => {
  try {
    return work();
  } catch (thrown) {
    if (isBusy(thrown)) return insist(work);
    throw thrown;
  }
};

const insist = async <Result>(work: () => Result): Promise<Result> => {
  for (let tries = 1; ; tries++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
    try {
      return work();
    } catch (thrown) {
      if (!isBusy(thrown) || tries === mostTries) throw thrown;
    }
  }
};

interface Row {
  id: string;
  fingerprint: string;
  call_id: string;
  owner: string | null;
  expires_at: number;
  answer: Uint8Array | null;
}

const fromRow = (row: Row): KeyEntry => ({
  id: row.id,
  fingerprint: row.fingerprint,
  callId: row.call_id,
  owner: row.owner,
  expiresAt: row.expires_at,
  answer: row.answer,
});

const changed = (statement: SqlStatement, parameters: readonly unknown[]): number =>
  Number(statement.run(parameters).changes);

/**
 * Keeps the entries of keys in a migrated database, on a connection of its own: it is set to wait for no lock by itself,
 * since the event loop would stand still meanwhile. What meets a lock is tried again, for about two seconds.
 */
export const createSqliteIdempotencyStore = (
  database: SqlDatabase,
  { syncLog }: IdempotencyStoreOptions = {},
): IdempotencyStore => {
  database.exec("PRAGMA busy_timeout = 0");
  // The ledger's thread takes the log into the database; to do it here would stop every call for as long.
  database.exec("PRAGMA wal_autocheckpoint = 0");
  const find = database.prepare("SELECT * FROM idempotency WHERE id = ?");
  const take = database.prepare(
    `INSERT INTO idempotency (id, fingerprint, call_id, owner, expires_at, answer) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, call_id = excluded.call_id,
       owner = excluded.owner, expires_at = excluded.expires_at, answer = excluded.answer
     WHERE idempotency.call_id = ?`,
  );
  const finish = database.prepare(
    "UPDATE idempotency SET owner = NULL, expires_at = ?, answer = ? WHERE id = ? AND call_id = ? AND owner IS NOT NULL",
  );
  const release = database.prepare("DELETE FROM idempotency WHERE id = ? AND call_id = ? AND owner IS NOT NULL");
  const renew = database.prepare("UPDATE idempotency SET expires_at = ? WHERE owner = ?");
  const owners = database.prepare(
    "SELECT owner, max(expires_at) AS expiresAt FROM idempotency WHERE owner IS NOT NULL GROUP BY owner",
  );
  const abandon = database.prepare("DELETE FROM idempotency WHERE owner = ?");
  const sweep = database.prepare(
    `DELETE FROM idempotency WHERE rowid IN
       (SELECT rowid FROM idempotency WHERE owner IS NULL AND expires_at <= ? LIMIT ?)`,
  );
  return {
    find: (id) =>
      patiently(() => {
        const row = find.get<Row>([id]);
        return row === undefined ? undefined : fromRow(row);
      }),
    take: ({ id, fingerprint, callId, owner, expiresAt, answer }, instead) =>
      patiently(() => changed(take, [id, fingerprint, callId, owner, expiresAt, answer, instead]) === 1),
    finish: ({ id, callId, expiresAt, answer }) =>
      patiently(() => changed(finish, [expiresAt, answer, id, callId]) === 1),
    release: ({ id, callId }) => patiently(() => changed(release, [id, callId]) === 1),
    renew: (owner, expiresAt) => patiently(() => void renew.run([expiresAt, owner])),
    owners: () => patiently(() => owners.all<Holder>()),
    abandon: (owner) => patiently(() => void abandon.run([owner])),
    sweep: (now, limit) => patiently(() => changed(sweep, [now, limit])),
    flushed: () => syncLog?.(),
  };
};
