import type { AuditSettings } from "../audit/settings.ts";
import type { Logger } from "../telemetry/logger.ts";
import { pruneAct } from "./audit-acts.ts";
import type { Storage } from "./open-storage.ts";

export interface PruningParts {
  readonly storage: Pick<Storage, "audit" | "auditPruner">;
  readonly settings: () => AuditSettings;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const dayMilliseconds = 86_400_000;
const everyMilliseconds = 3_600_000;

/** Takes out what is older than `audit.keepDays`; does nothing, and writes no row, where nothing is. Gives how many. */
export const pruneAudit = async ({ storage, settings, now }: PruningParts): Promise<number> => {
  const { keepDays } = settings();
  if (keepDays === undefined) return 0;
  const before = now() - keepDays * dayMilliseconds;
  const rows = storage.auditPruner.countBefore(before);
  if (rows > 0) await storage.audit.perform(pruneAct, () => storage.auditPruner.pruneBefore(before));
  return rows;
};

/** Prunes now and each hour; a failure is logged, and tried again. One process of several does it. */
export const startPruning = (parts: PruningParts): { stop(): void } => {
  const run = (): void =>
    void pruneAudit(parts).then(
      (rows) => {
        if (rows > 0) parts.logger.info("audit log pruned", { rows });
      },
      (error: unknown) => parts.logger.error("audit log not pruned", { reason: String(error) }),
    );
  run();
  const timer = setInterval(run, everyMilliseconds);
  timer.unref();
  return { stop: () => clearInterval(timer) };
};
