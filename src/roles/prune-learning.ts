import type { LearningStore } from "../core/ports/learning.ts";
import type { LearningSettings } from "../learning/settings.ts";
import type { Logger } from "../telemetry/logger.ts";

export interface LearningPruningParts {
  readonly store: Pick<LearningStore, "prune">;
  readonly settings: () => Pick<LearningSettings, "retainDays">;
  readonly logger: Pick<Logger, "info" | "error">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const dayMilliseconds = 86_400_000;
const everyMilliseconds = 3_600_000;
/** So many rows at a time: calls go on in between. */
const atOnce = 500;

/** Takes out what is older than `learning.retainDays`. Gives how many rows. */
export const pruneLearning = async ({
  store,
  settings,
  now,
}: Omit<LearningPruningParts, "logger">): Promise<number> => {
  const before = now() - settings().retainDays * dayMilliseconds;
  let rows = 0;
  for (;;) {
    const gone = await store.prune(before, atOnce);
    if (gone === 0) return rows;
    rows += gone;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

/** Prunes now and each hour; a failure is logged, and tried again. One process of several does it. */
export const startLearningPruning = ({ logger, ...parts }: LearningPruningParts): { stop(): void } => {
  const run = (): void =>
    void pruneLearning(parts).then(
      (rows) => {
        if (rows > 0) logger.info("learning pruned", { rows });
      },
      (error: unknown) => logger.error("learning not pruned", { reason: String(error) }),
    );
  run();
  const timer = setInterval(run, everyMilliseconds);
  timer.unref();
  return { stop: () => clearInterval(timer) };
};
