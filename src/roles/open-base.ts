import { randomBytes } from "node:crypto";
import type { UpOptions } from "../cli/roles.ts";
import type { OpenLog } from "../telemetry/logger.ts";
import { loadCapturing } from "./captured-configuration.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { openLogFor } from "./open-log.ts";
import { openStorage, type Storage } from "./open-storage.ts";
import { workerCount } from "./worker-count.ts";

/** What stands before anything is served. */
export interface Base {
  readonly folder: DataFolder;
  readonly storage: Storage;
  readonly loaded: Awaited<ReturnType<typeof loadCapturing>>;
  readonly log: OpenLog;
  readonly durability: "process" | "power";
  /** Callers that send it are this machine's administrator: the command line of the same user. */
  readonly localToken: string;
  /** Processes that are to answer. */
  readonly workers: number;
}

/** The names of the providers that stand in the database. */
export const storedNames = async ({ registry }: Storage): Promise<readonly string[]> =>
  (await registry.list("provider")).map(({ value }) => value.name);

/** Opens data folder, database, configuration and log. Throws ConfigurationError, DataFolderError or GatewayError. */
export const openBase = async (options: UpOptions): Promise<Base> => {
  const folder = openDataFolder(options.data, options.environment);
  const preliminary = await loadCapturing(options, []).catch((error: unknown) => error as Error);
  const durability = preliminary instanceof Error ? "process" : preliminary.value.ledger.durability;
  const storage = await openStorage(folder, durability, options.environment);
  const stored = await storedNames(storage);
  // Routes may name providers that only the database knows, so the verdict comes with the database open.
  const loaded = preliminary instanceof Error || stored.length > 0 ? await loadCapturing(options, stored) : preliminary;
  const workers = workerCount(loaded.value.server);
  const log = openLogFor(loaded.value, options.logs, workers === 1 ? "one" : "several");
  return { folder, storage, loaded, log, durability, localToken: randomBytes(32).toString("base64url"), workers };
};
