import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The data folder cannot be used; the message says why and what to do. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
}

export interface DataFolder {
  readonly path: string;
  readonly database: string;
  readonly journal: string;
  readonly pepper: string;
  /** What the secrets in the database are encrypted with, where the environment gives no other. */
  readonly masterKey: string;
  /** The audit log's newest row and its hash, once more. */
  readonly auditHead: string;
  /** Says where a running program listens, and how its owner's command line gets in. */
  readonly serverFile: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `--data`, else INTELLIROUTER_DATA, else the user's own folder (XDG Base Directory Specification). */
const chooseFolder = (flag: string | undefined, environment: Environment): string => {
  const chosen = flag ?? environment["INTELLIROUTER_DATA"];
  if (chosen) return resolve(chosen);
  const base = environment["XDG_DATA_HOME"] || join(environment["HOME"] || homedir(), ".local", "share");
  return join(base, "intellirouter");
};

/** Finds the data folder and makes it where it is not there. Throws DataFolderError. */
export const openDataFolder = (flag: string | undefined, environment: Environment): DataFolder => {
  const path = chooseFolder(flag, environment);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = (cause as { code?: string }).code ?? String(cause);
    throw new DataFolderError(
      `The data folder ${path} cannot be used (${reason}). Make it writable, or choose another with --data or INTELLIROUTER_DATA.`,
      { cause },
    );
  }
  return {
    path,
    database: environment["SQLITE_DB_PATH"] || join(path, "intellirouter.db"),
    journal: join(path, "journal"),
    pepper: join(path, "pepper"),
    masterKey: join(path, "master-key"),
    auditHead: join(path, "audit.head"),
    serverFile: join(path, "server.json"),
  };
};
