import type { OpenAuditLog } from "../audit/audit-log.ts";
import { explainConfiguration } from "../config/explain.ts";
import { formatProblem } from "../config/problem.ts";
import { type ConfigurationWatch, watchConfiguration } from "../config/watch.ts";
import { GatewayError } from "../core/errors.ts";
import { configurationFields } from "../http/admin/audited-object.ts";
import type { AdminReload } from "../http/admin/dependencies.ts";
import type { OpenLog } from "../telemetry/logger.ts";
import { fileReloadAct } from "./audit-acts.ts";
import type { Loaded } from "./load-configuration.ts";

export interface FollowParts<Given extends Loaded> {
  readonly log: OpenLog;
  readonly audit: OpenAuditLog;
  readonly current: () => Given;
  readonly load: () => Promise<Given>;
  /** Puts it in the place of the one before. */
  readonly apply: (loaded: Given) => Promise<void>;
}

const fieldsOf = (loaded: Loaded) => configurationFields(explainConfiguration(loaded));

/**
 * Follows the configuration's files: a good one is taken, a bad one is told of and changes nothing. What nobody asked for
 * over the admin API is an administrative act of its own.
 */
export const followConfiguration = <Given extends Loaded>(parts: FollowParts<Given>): ConfigurationWatch => {
  const { log, audit, current, load, apply } = parts;
  /** Of the turn that is under way; one follows the other. */
  let hasRow = false;

  const take = async (loaded: Given): Promise<void> => {
    const before = current().value;
    await apply(loaded);
    log.setLevel(loaded.value.logging.level);
    log.logger.info("configuration loaded", { file: loaded.file });
    for (const key of ["server", "ledger", "metrics"] as const)
      if (JSON.stringify(before[key]) !== JSON.stringify(loaded.value[key]))
        log.logger.warn("configuration needs a restart", { key });
  };

  const noteRefusal = (): void => {
    const { code, message } = { code: "invalid_configuration", message: "The configuration was refused." } as const;
    const refuse = () => Promise.reject(new GatewayError(code, message));
    audit.perform(fileReloadAct("with"), refuse).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== code) log.logger.error("no audit row", { reason: String(error) });
    });
  };

  return watchConfiguration({
    current: current(),
    load,
    async onLoaded(loaded) {
      if (audit.isActing()) return take(loaded);
      const before = fieldsOf(current());
      hasRow = true;
      await audit.perform(fileReloadAct("ahead"), async (act) => {
        act.note({ before, after: fieldsOf(loaded) });
        await take(loaded);
      });
      hasRow = false;
    },
    onFailed(error) {
      log.logger.error("configuration refused; the former one stays", { problems: error.problems.map(formatProblem) });
      if (!audit.isActing() && !hasRow) noteRefusal();
      hasRow = false;
    },
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
