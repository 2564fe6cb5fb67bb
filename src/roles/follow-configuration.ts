import { formatProblem } from "../config/problem.ts";
import { type ConfigurationWatch, watchConfiguration } from "../config/watch.ts";
import type { AdminReload } from "../http/admin/dependencies.ts";
import type { OpenLog } from "../telemetry/logger.ts";
import type { Loaded } from "./load-configuration.ts";

export interface FollowParts<Given extends Loaded> {
  readonly log: OpenLog;
  readonly current: () => Given;
  readonly load: () => Promise<Given>;
  /** Puts it in the place of the one before. */
  readonly apply: (loaded: Given) => Promise<void>;
}

/** Follows the configuration's files: a good one is taken, a bad one is told of and changes nothing. */
export const followConfiguration = <Given extends Loaded>(parts: FollowParts<Given>): ConfigurationWatch => {
  const { log, current, load, apply } = parts;
  return watchConfiguration({
    current: current(),
    load,
    async onLoaded(loaded) {
      const before = current().value;
      await apply(loaded);
      log.setLevel(loaded.value.logging.level);
      log.logger.info("configuration loaded", { file: loaded.file });
      for (const key of ["server", "ledger", "metrics"] as const)
        if (JSON.stringify(before[key]) !== JSON.stringify(loaded.value[key]))
          log.logger.warn("configuration needs a restart", { key });
    },
    onFailed: (error) =>
      log.logger.error("configuration refused; the former one stays", { problems: error.problems.map(formatProblem) }),
  });
};

/** Reloads for somebody who wants to know what came of it. */
export const reloadReporting = async (
  current: () => Loaded,
  reload: ConfigurationWatch["reload"],
): Promise<AdminReload> => {
  const before = JSON.stringify(current().value);
  const refused = await reload();
  if (refused !== undefined) return { ok: false, problems: refused.problems.map(formatProblem) };
  return { ok: true, changed: before !== JSON.stringify(current().value) };
};
