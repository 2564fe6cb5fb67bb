import type { UpOptions } from "../cli/roles.ts";
import { releaseMemory } from "../runtime/release-memory.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { openAccess } from "./access.ts";
import { type ClaimedPort, claimPort } from "./claim-port.ts";
import { pause } from "./drain.ts";
import { followConfiguration } from "./follow-configuration.ts";
import type { Base } from "./open-base.ts";
import { openRegistry } from "./open-registry.ts";
import { startPruning } from "./prune-audit.ts";
import { startLearningPruning } from "./prune-learning.ts";
import { startResting } from "./rest.ts";
import type { Fail, Running } from "./running.ts";
import { removeServerFile, writeServerFile } from "./server-file.ts";
import { Supervisor } from "./supervisor.ts";

/** Throws where the program may not start: the address would let strangers in, say. */
const openParts = async (options: UpOptions, base: Base, fail: Fail) => {
  const { folder, storage, loaded, log, localToken } = base;
  const access = await openAccess({
    store: storage.keys,
    directory: storage.directory,
    folder: folder.path,
    environment: options.environment,
    host: loaded.value.server.host,
    localToken,
    clock: systemClock,
    settings: loaded.value.auth,
    isRunning: false,
    onChanged: async () => undefined,
  });
  const providers = await openRegistry({
    local: options,
    storage,
    loaded,
    onUnusable: (name, reason) => log.logger.warn("stored provider cannot be used", { provider: name, reason }),
  });
  return { options, base, fail, access, providers };
};

const startWorkers = async (supervisor: Supervisor, claimed: ClaimedPort): Promise<void> => {
  try {
    await supervisor.pool.start();
  } catch (error) {
    await supervisor.giveUp();
    throw error;
  } finally {
    await claimed.release();
  }
};

/** Starts several workers on one address. Throws ListenError or GatewayError, also those of the workers. */
export const startSupervisor = async (options: UpOptions, base: Base, fail: Fail): Promise<Running> => {
  const { folder, storage, loaded, log, localToken } = base;
  const parts = await openParts(options, base, fail);
  const claimed = await claimPort(loaded.value.server);
  const supervisor = new Supervisor({ ...parts, port: claimed.port });
  // A worker that starts after a change begins with it.
  const watcher = followConfiguration({
    log,
    audit: storage.audit,
    current: supervisor.configuration,
    load: supervisor.load,
    apply: supervisor.apply,
  });
  // A worker asks for it, whose act it is.
  supervisor.reload = () => storage.audit.partOfAct(watcher.reload);
  await startWorkers(supervisor, claimed).catch((error: unknown) => {
    watcher.close();
    throw error;
  });
  writeServerFile(folder.serverFile, { pid: process.pid, url: claimed.url, token: localToken });
  // It takes no calls itself.
  const pruning = startPruning({
    storage,
    settings: () => supervisor.configuration().value.audit,
    logger: log.logger,
    now: systemClock.wall,
  });
  const learningPruning = startLearningPruning({
    store: storage.learning,
    settings: () => supervisor.configuration().value.learning,
    logger: log.logger,
    now: systemClock.wall,
  });
  const resting = startResting({
    callsTaken: () => 0,
    callsInFlight: () => 0,
    release: (kind) => releaseMemory(kind === "unused" ? "used" : kind),
  });
  const removeFile = (): void => removeServerFile(folder.serverFile, process.pid);
  return {
    url: claimed.url,
    log,
    registry: parts.providers.registry,
    hasKeys: parts.access.hasKeys,
    configurationFile: () => supervisor.configuration().file ?? null,
    discover: () => supervisor.providers.start(),
    reload: watcher.reload,
    async stop(hurried) {
      watcher.close();
      pruning.stop();
      learningPruning.stop();
      resting.stop();
      log.logger.info("stopping", { workers: base.workers });
      void pause(supervisor.configuration().value.server.drainDelayMilliseconds, hurried).then(removeFile);
      await supervisor.stop(hurried);
      removeFile();
      storage.close();
    },
  };
};
