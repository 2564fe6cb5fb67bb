import { stat } from "node:fs/promises";
import { toFailure } from "../../cli-error.ts";
import { onOneLine } from "../../output/sanitise.ts";
import type { Check, Finding } from "./check.ts";

const tolerance = 60_000;
/** No installation is older than the program. */
const earliest = Date.UTC(2026, 0, 1);

/** The database opens, is whole, and has this version's schema. */
export const checkStorage: Check = async ({ context: { roles, localOptions } }) => {
  try {
    const { database } = await roles.inspectStorage(localOptions);
    if (database === null) return [{ check: "database", status: "ok", detail: "none yet; the first start makes one" }];
    const { file, integrity, pendingMigrations } = database;
    if (integrity !== "ok") {
      const advice = "Stop the gateway, keep a copy of the file, and restore the last good one.";
      return [{ check: "database", status: "fail", detail: `${file}: ${onOneLine(integrity)}`, advice }];
    }
    if (pendingMigrations.length === 0) return [{ check: "database", status: "ok", detail: `${file}, whole` }];
    const detail = `${file} lacks ${pendingMigrations.length} migrations`;
    return [
      {
        check: "database",
        status: "warn",
        detail,
        advice: "Run `intellirouter migrate`, or start the gateway: it does.",
      },
    ];
  } catch (error) {
    const advice = "Check that no other program holds the file, and that this user may read it.";
    return [{ check: "database", status: "fail", detail: onOneLine(toFailure(error).message), advice }];
  }
};

/** The clock is not far off: keys expire and days of the ledger begin by it. */
export const checkClock: Check = async ({ context: { system, roles, localOptions } }) => {
  const now = system.now();
  const advice = "Set this machine's clock, best by NTP: keys expire and budgets begin by it.";
  const shown = new Date(now).toISOString();
  const wrong = (detail: string): readonly Finding[] => [{ check: "clock", status: "fail", detail, advice }];
  if (now < earliest) return wrong(`${shown} is in the past`);
  const database = await roles
    .inspectStorage(localOptions)
    .then((report) => report.database)
    .catch(() => null);
  const newest = database?.newestRecord ?? null;
  if (newest !== null && newest > now + tolerance)
    return wrong(`${shown} is before the ledger's newest record, of ${new Date(newest).toISOString()}`);
  const file = database?.file;
  const written = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (written !== undefined && written.mtimeMs > now + tolerance)
    return wrong(`${shown} is before the database's last change`);
  return [{ check: "clock", status: "ok", detail: shown }];
};
