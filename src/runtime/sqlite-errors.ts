import { GatewayError } from "../core/errors.ts";

/** The error for a damaged database; tells how to restore it. */
export const corrupt = (path: string, finding: string, cause?: unknown): GatewayError =>
  new GatewayError(
    "storage_unavailable",
    [
      `The database ${path} is damaged (${finding}). It was left as it is, and no new one was made in its place.`,
      "To restore it, with the program stopped:",
      `  1. Keep a copy of ${path}, and of ${path}-wal and ${path}-shm where they exist.`,
      `  2. Save what can be read: sqlite3 ${path} .recover | sqlite3 ${path}.recovered`,
      `     then put the recovered file in its place and remove ${path}-wal and ${path}-shm;`,
      "     or put a backup in its place;",
      "     or move all three files away to begin with an empty database.",
    ].join("\n"),
    { cause },
  );

const advice: Record<string, (path: string) => string> = {
  SQLITE_BUSY: (path) => `The database ${path} is locked by another process. Try again, or end that process.`,
  SQLITE_LOCKED: (path) => `The database ${path} is locked by another connection. Try again.`,
  SQLITE_FULL: (path) => `The disk of the database ${path} is full. Free some space.`,
  SQLITE_READONLY: (path) => `The database ${path} cannot be written. Check the rights of the file and its folder.`,
  SQLITE_PERM: (path) => `The database ${path} cannot be used. Check the rights of the file and its folder.`,
  SQLITE_CANTOPEN: (path) =>
    `The database ${path} cannot be opened or created. Check that its folder exists and may be written.`,
  SQLITE_IOERR: (path) => `The disk of the database ${path} failed. Check the system's log.`,
  EACCES: (path) => `The folder of the database ${path} cannot be made. Check the rights of the folder above it.`,
  ENOENT: (path) => `The folder of the database ${path} cannot be made. Check the folder above it.`,
  EROFS: (path) => `The folder of the database ${path} cannot be made: the disk is read-only.`,
  ENOTDIR: (path) => `The folder of the database ${path} cannot be made: a part of its path is a file.`,
  EEXIST: (path) => `The folder of the database ${path} cannot be made: a file has its name.`,
  ENOSPC: (path) => `The disk of the database ${path} is full. Free some space.`,
};

/** A failure of the database as a GatewayError; anything else (a broken constraint, a bug) as it was. */
export const explainSqlite = (error: unknown, path: string): unknown => {
  if (!(error instanceof Error) || error instanceof GatewayError) return error;
  const { code } = error as { code?: unknown };
  if (typeof code !== "string") return error;
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB") return corrupt(path, error.message, error);
  // Extended codes begin with the plain one: SQLITE_IOERR_FSYNC.
  const plain = Object.keys(advice).find((key) => code === key || code.startsWith(`${key}_`));
  const message = plain === undefined ? undefined : advice[plain]?.(path);
  return message === undefined ? error : new GatewayError("storage_unavailable", message, { cause: error });
};
