import type { UpOptions } from "../cli/roles.ts";
import type { GatewayError } from "../core/errors.ts";
import { listen } from "../runtime/server.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { drain } from "./drain.ts";
import { foldJournals } from "./fold-journals.ts";
import { followConfiguration } from "./follow-configuration.ts";
import type { LedgerThread } from "./ledger-thread.ts";
import type { Base } from "./open-base.ts";
import { openProgram } from "./program.ts";
import { startPruning } from "./prune-audit.ts";
import { startLearningPruning } from "./prune-learning.ts";
import type { Fail, Running } from "./running.ts";
import { removeServerFile, writeServerFile } from "./server-file.ts";

/** Serves everything from this one process. Throws ListenError or GatewayError. */
export const startAlone = async (options: UpOptions, base: Base, fail: Fail): Promise<Running> => {
  const { folder, storage, loaded, log, localToken } = base;
  let ledger: LedgerThread | undefined;
  const ledgerStarted = Promise.withResolvers<LedgerThread>();
  /** Set while the database's disk takes nothing: what is open goes into the journal, nothing new is taken. */
  let refusal: GatewayError | undefined;
  const program = await openProgram({
    local: options,
    folder,
    storage,
    loaded,
    logger: log.logger,
    localToken,
    fold: async () => ledger?.fold(),
    spending: { spending: async (query) => (await ledgerStarted.promise).spending(query) },
    onFault: fail,
    refusal: () => refusal,
  });
  const server = listen({ ...loaded.value.server, kind: loaded.value.runtime.server, handle: program.handle });
  program.setAddress(server.url);
  ledger = foldJournals(base, {
    fail,
    onRefusal(error) {
      refusal = error;
    },
  });
  ledgerStarted.resolve(ledger);
  const pruning = startPruning({
    storage,
    settings: () => program.configuration().value.audit,
    logger: log.logger,
    now: systemClock.wall,
  });
  const learningPruning = startLearningPruning({
    store: storage.learning,
    settings: () => program.configuration().value.learning,
    logger: log.logger,
    now: systemClock.wall,
  });
  const watcher = followConfiguration({
    log,
    audit: storage.audit,
    current: program.configuration,
    load: program.load,
    apply: program.apply,
  });
  program.onReload(watcher.reload);
  // From now on it may be found: whoever then changes the configuration's file is noticed.
  writeServerFile(folder.serverFile, { pid: process.pid, url: server.url, token: localToken });
  return {
    url: server.url,
    log,
    registry: program.registry,
    hasKeys: program.hasKeys,
    configurationFile: () => program.configuration().file ?? null,
    discover: () => program.discover(server.port).first,
    reload: watcher.reload,
    async stop(hurried) {
      watcher.close();
      pruning.stop();
      learningPruning.stop();
      log.logger.info("stopping", { callsInFlight: program.callsInFlight() });
      await drain({
        program,
        server,
        hurried,
        address: "kept",
        onRefusing: () => removeServerFile(folder.serverFile, process.pid),
      });
      await ledger.stop();
      storage.close();
    },
  };
};
