import type { UpOptions } from "../cli/roles.ts";
import { SharedBreakers } from "../routing/shared-breakers.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { type OpenTransport, openTransport } from "../runtime/transports.ts";
import type { MetricFamily } from "../telemetry/exposition.ts";
import { processFamilies } from "../telemetry/metrics.ts";
import { type Access, openAccess } from "./access.ts";
import { loadCapturing } from "./captured-configuration.ts";
import { type ClaimedPort, claimPort } from "./claim-port.ts";
import { configuredProviders } from "./declared-providers.ts";
import { type Discovery, startDiscovery } from "./discovery.ts";
import { pause } from "./drain.ts";
import { foldJournals } from "./fold-journals.ts";
import { followConfiguration, reloadReporting } from "./follow-configuration.ts";
import type { LedgerThread } from "./ledger-thread.ts";
import { type Base, storedNames } from "./open-base.ts";
import { type OpenRegistry, openRegistry } from "./open-registry.ts";
import type { Change } from "./peers.ts";
import type { Fail, Running } from "./running.ts";
import { serveHealth } from "./serve-health.ts";
import { removeServerFile, writeServerFile } from "./server-file.ts";
import { type PlainProvider, type SupervisorService, toPlainProvider, type WorkerOrder } from "./worker-messages.ts";
import { WorkerMetrics } from "./worker-metrics.ts";
import { type Worker, WorkerPool } from "./worker-pool.ts";

/** So much longer than it may take them, workers are waited for at the end. */
const graceMilliseconds = 10_000;
/** Whoever asks for figures is not kept waiting by a worker that is stuck. */
const figuresMilliseconds = 2_000;
/** Nor whoever changed something; the worker that asks for him waits a little longer. */
const changeMilliseconds = 5_000;

interface SupervisorParts {
  readonly options: UpOptions;
  readonly base: Base;
  readonly fail: Fail;
  readonly access: Access;
  readonly providers: OpenRegistry;
  readonly port: number;
}

/** Keeps what the workers share, tells each of them what changes, and looks after their lives. */
class Supervisor {
  readonly pool: WorkerPool;
  readonly ledger: LedgerThread;
  readonly #parts: SupervisorParts;
  readonly #breakers: SharedBreakers<Worker>;
  /** For looks at providers. */
  readonly #transport: OpenTransport;
  readonly #metrics = new WorkerMetrics<Worker>();
  readonly #startedAt = systemClock.wall();
  #loaded: Base["loaded"];
  #refusal: string | null = null;
  #found: readonly PlainProvider[] = [];
  #discovery: Discovery | undefined;
  reload: () => Promise<void> = async () => undefined;

  constructor(parts: SupervisorParts) {
    const { base, fail, options } = parts;
    this.#parts = parts;
    this.#transport = openTransport(base.loaded.value.runtime.transport);
    this.#loaded = base.loaded;
    this.pool = new WorkerPool({
      count: base.workers,
      environment: options.environment,
      logger: base.log.logger,
      order: () => this.#order(),
      serve: (worker) => this.#serve(worker),
      onEnded: (worker) => this.#takeLeave(worker),
      onFailed: (error) => fail(error, "orderly"),
    });
    this.#breakers = new SharedBreakers(systemClock, (target, standing) =>
      this.pool.tell("health.standing", { target, standing }),
    );
    this.ledger = foldJournals(base, {
      fail,
      onRefusal: (error) => {
        this.#refusal = error?.message ?? null;
        this.pool.tell("calls.refuse", { message: this.#refusal });
      },
    });
  }

  readonly configuration = (): Base["loaded"] => this.#loaded;

  readonly load = async (): Promise<Base["loaded"]> =>
    loadCapturing(this.#parts.options, await storedNames(this.#parts.base.storage));

  /** Every worker has it when this resolves. One that cannot take it ends, and another begins with it in its place. */
  readonly apply = async (loaded: Base["loaded"]): Promise<void> => {
    const { base, providers } = this.#parts;
    this.#loaded = loaded;
    for (const { worker, result } of await this.pool.ask("configuration.apply", loaded.captured)) {
      if (result.status === "fulfilled") continue;
      base.log.logger.error("worker did not take the configuration", {
        pid: worker.process.pid,
        reason: String(result.reason),
      });
      worker.process.kill("SIGTERM");
    }
    providers.registry.declare("configuration", configuredProviders(loaded.value));
    await this.#discovery?.refresh();
  };

  discover(): Promise<void> {
    const { options, providers, port } = this.#parts;
    this.#discovery = startDiscovery({
      registry: providers.registry,
      transport: this.#transport,
      clock: systemClock,
      environment: options.environment,
      settings: () => this.#loaded.value.discovery,
      ownPort: port,
      onFound: (found) => {
        this.#found = found.map(toPlainProvider);
        this.pool.tell("providers.found", { found: this.#found });
      },
      onChecked: (name, check) => this.pool.tell("providers.checked", { name, check }),
    });
    return this.#discovery.first;
  }

  /** Resolves when every worker is gone; those that take longer than they may are killed. */
  async stop(hurried: AbortSignal): Promise<void> {
    const { drainDelayMilliseconds, drainMilliseconds } = this.#loaded.value.server;
    this.#discovery?.stop();
    this.#transport.close();
    this.pool.stop({ hurried: hurried.aborted });
    hurried.addEventListener("abort", () => this.pool.stop({ hurried: true }));
    const ended = this.pool.ended();
    const over = new AbortController();
    void ended.then(() => over.abort());
    const inTime = pause(drainDelayMilliseconds + drainMilliseconds, AbortSignal.any([hurried, over.signal]));
    await inTime.then(() => pause(graceMilliseconds, over.signal));
    this.pool.kill();
    await ended;
    await this.ledger.stop();
  }

  #order(): WorkerOrder {
    const { options, base, providers, port } = this.#parts;
    const { config, data, workingDirectory, flags, logs } = options;
    return {
      local: {
        workingDirectory,
        flags,
        logs,
        ...(config === undefined ? {} : { config }),
        ...(data === undefined ? {} : { data }),
      },
      folder: base.folder,
      configuration: this.#loaded.captured,
      port,
      localToken: base.localToken,
      workers: base.workers,
      startedAt: this.#startedAt,
      standings: this.#breakers.standings(),
      found: this.#found,
      checks: [...providers.registry.snapshot().providers.values()].flatMap(({ name, check }) =>
        check === undefined ? [] : [[name, check] as const],
      ),
      refusal: this.#refusal,
    };
  }

  #serve(worker: Worker): Omit<SupervisorService, "worker.hello" | "worker.ready" | "worker.failed"> {
    return {
      ...serveHealth(this.#breakers, worker),
      "worker.fault": ({ message }) => this.#parts.fail(new Error(message)),
      "ledger.fold": () => this.ledger.fold(),
      "database.changed": ({ change }) => this.#spread(change, worker),
      "providers.check": async ({ name }) => (await this.#discovery?.check(name)) ?? null,
      "configuration.reload": () =>
        reloadReporting({ current: this.configuration, load: this.load, reload: this.reload }),
      "calls.count": async () => {
        const counts = await this.pool.ask(
          "calls.count",
          {},
          { except: worker, patienceMilliseconds: figuresMilliseconds },
        );
        return counts.reduce((sum, { result }) => sum + (result.status === "fulfilled" ? result.value : 0), 0);
      },
      "metrics.collect": () => this.#collectMetrics(),
      "metrics.last": ({ families }) => this.#metrics.note(worker, families),
    };
  }

  /** A worker that is late shows what it showed the last time. */
  async #collectMetrics(): Promise<readonly MetricFamily[]> {
    const answers = await this.pool.ask("metrics.collect", {}, { patienceMilliseconds: figuresMilliseconds });
    for (const { worker, result } of answers)
      if (result.status === "fulfilled") this.#metrics.note(worker, result.value);
    return this.#metrics.sum(this.pool.workers(), { process: "supervisor", families: processFamilies() });
  }

  async #spread(change: Change, origin: Worker): Promise<void> {
    const { base, access, providers } = this.#parts;
    if (change === "keys") access.forgetKeys();
    else await providers.reloadStored();
    for (const { worker, result } of await this.pool.ask(
      "database.changed",
      { change },
      { except: origin, patienceMilliseconds: changeMilliseconds },
    ))
      if (result.status === "rejected")
        base.log.logger.warn("worker did not hear of a change", {
          pid: worker.process.pid,
          change,
          reason: String(result.reason),
        });
  }

  /** What it left behind is put in order at once: its probes, and its part of the journal. */
  #takeLeave(worker: Worker): void {
    this.#breakers.leave(worker);
    this.#metrics.takeLeave(worker);
    // A fold that fails says so by itself and is tried again.
    void this.ledger.fold().catch(() => undefined);
  }
}

const startWorkers = async (supervisor: Supervisor, claimed: ClaimedPort): Promise<void> => {
  try {
    await supervisor.pool.start();
  } catch (error) {
    supervisor.pool.stop({ hurried: true });
    supervisor.pool.kill();
    await supervisor.pool.ended();
    await supervisor.ledger.stop();
    throw error;
  } finally {
    await claimed.release();
  }
};

/** Starts several workers on one address. Throws ListenError or GatewayError, also those of the workers. */
export const startSupervisor = async (options: UpOptions, base: Base, fail: Fail): Promise<Running> => {
  const { folder, storage, loaded, log, localToken } = base;
  const { server } = loaded.value;
  const access = await openAccess({
    store: storage.keys,
    directory: folder.path,
    environment: options.environment,
    host: server.host,
    localToken,
    clock: systemClock,
    isRunning: false,
    onChanged: async () => undefined,
  });
  const providers = await openRegistry({
    local: options,
    storage,
    loaded,
    onUnusable: (name, reason) => log.logger.warn("stored provider cannot be used", { provider: name, reason }),
  });
  const claimed = await claimPort(server);
  const supervisor = new Supervisor({ options, base, fail, access, providers, port: claimed.port });
  await startWorkers(supervisor, claimed);
  writeServerFile(folder.serverFile, { pid: process.pid, url: claimed.url, token: localToken });
  const watcher = followConfiguration({
    log,
    current: supervisor.configuration,
    load: supervisor.load,
    apply: supervisor.apply,
  });
  supervisor.reload = watcher.reload;
  return {
    url: claimed.url,
    log,
    registry: providers.registry,
    hasKeys: access.hasKeys,
    configurationFile: () => supervisor.configuration().file ?? null,
    discover: () => supervisor.discover(),
    reload: watcher.reload,
    async stop(hurried) {
      watcher.close();
      log.logger.info("stopping", { workers: base.workers });
      void pause(supervisor.configuration().value.server.drainDelayMilliseconds, hurried).then(() =>
        removeServerFile(folder.serverFile, process.pid),
      );
      await supervisor.stop(hurried);
      removeServerFile(folder.serverFile, process.pid);
      storage.close();
    },
  };
};
