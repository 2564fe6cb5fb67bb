import { open } from "node:fs/promises";
import type { Durability } from "../core/ports/append-file.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Idempotency } from "../core/ports/idempotency.ts";
import { createIdempotency, upkeepMilliseconds } from "../idempotency/create-idempotency.ts";
import type { IdempotencySettings } from "../idempotency/settings.ts";
import { createGroupedSync } from "../ledger/grouped-sync.ts";
import { livenessOf } from "../ledger/owner.ts";
import { encryption } from "../runtime/encryption.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { createSqliteIdempotencyStore } from "../stores/sqlite/idempotency-store.ts";
import type { Logger } from "../telemetry/logger.ts";
import { openExpiryClock } from "./expiry-clock.ts";

export interface IdempotencyRoomParts {
  readonly database: string;
  readonly durability: Durability;
  readonly pepper: Uint8Array;
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: () => IdempotencySettings;
}

/** Puts the database's log on the disk, beside the event loop; those who wait at the same time share one sync. */
const shareLogSync = (database: string) => {
  const log = open(`${database}-wal`, "r");
  // Whoever waits for it hears of the failure.
  log.catch(() => undefined);
  let asked = 0;
  const sync = createGroupedSync({ run: async () => (await log).sync(), count: () => asked });
  return {
    sync(): Promise<void> {
      asked += 1;
      return sync();
    },
    close: async (): Promise<void> => (await log.catch(() => undefined))?.close(),
  };
};

/** Opens what `Idempotency-Key` needs, on a connection of its own to a migrated database. */
export const openIdempotency = (parts: IdempotencyRoomParts): Idempotency & { close(): Promise<void> } => {
  const { database: path, clock, logger } = parts;
  // Its commits do not wait for the disk: under `power` the store asks for one sync for all who end at the same time.
  const database = openSqlite({ path, durability: "process", checkUpToBytes: 0 });
  const log = parts.durability === "power" ? shareLogSync(path) : undefined;
  const idempotency = createIdempotency({
    store: createSqliteIdempotencyStore(database, log === undefined ? {} : { syncLog: log.sync }),
    secret: parts.pepper,
    encryption,
    owner: parts.owner,
    livenessOf,
    clock,
    expiryClock: openExpiryClock(clock),
    settings: parts.settings,
    onReplayed: ({ request, callId }) =>
      logger.info("replayed", { request: request.callId, from: callId, path: request.path, key: request.caller.keyId }),
    onProblem: (error) =>
      logger.error("idempotency", { reason: error instanceof Error ? error.message : String(error) }),
  });
  let last: Promise<void> = idempotency.upkeep();
  const timer = setInterval(() => {
    last = last.then(idempotency.upkeep);
  }, upkeepMilliseconds);
  timer.unref();
  return {
    claim: idempotency.claim,
    async close() {
      clearInterval(timer);
      await last;
      await idempotency.settled();
      await log?.close();
      database.close();
    },
  };
};
