import type { UpOptions } from "../cli/roles.ts";
import type { ConfigurationWatch } from "../config/watch.ts";
import type { BudgetKeeper } from "../limits/budgets/keeper.ts";
import { SteadyClock } from "../limits/budgets/steady-clock.ts";
import { SharedLimits } from "../limits/shared-limits.ts";
import { SharedBreakers } from "../routing/shared-breakers.ts";
import { systemClock } from "../runtime/system-clock.ts";
import type { MetricFamily } from "../telemetry/exposition.ts";
import { processFamilies } from "../telemetry/metrics.ts";
import type { Access } from "./access.ts";
import { budgetFamilies } from "./budget-metrics.ts";
import { compiledBudgets, openBudgetKeeper } from "./budgets.ts";
import { loadCapturing } from "./captured-configuration.ts";
import { pause } from "./drain.ts";
import { foldJournals } from "./fold-journals.ts";
import { reloadReporting } from "./follow-configuration.ts";
import type { LedgerThread } from "./ledger-thread.ts";
import { limitFamilies } from "./limit-metrics.ts";
import { type Base, storedNames } from "./open-base.ts";
import type { OpenRegistry } from "./open-registry.ts";
import type { Change } from "./peers.ts";
import type { Fail } from "./running.ts";
import { serveBudgets } from "./serve-budgets.ts";
import { serveHealth } from "./serve-health.ts";
import { serveLimits } from "./serve-limits.ts";
import { SharedProviders } from "./shared-providers.ts";
import { fromPlainError, type SupervisorService, type WorkerOrder } from "./worker-messages.ts";
import { WorkerMetrics } from "./worker-metrics.ts";
import { type Worker, WorkerPool } from "./worker-pool.ts";

/** So much longer than it may take them, workers are waited for at the end. */
const graceMilliseconds = 10_000;
/** Whoever asks for figures is not kept waiting by a worker that is stuck. */
const figuresMilliseconds = 2_000;
/** Nor whoever changed something; the worker that asks for him waits a little longer. */
const changeMilliseconds = 5_000;
/** A jump of the wall clock is noticed within this. */
const watchMilliseconds = 10_000;

export interface SupervisorParts {
  readonly options: UpOptions;
  readonly base: Base;
  readonly fail: Fail;
  readonly access: Access;
  readonly providers: OpenRegistry;
  readonly port: number;
}

/** Keeps what the workers share, tells each of them what changes, and looks after their lives. */
export class Supervisor {
  readonly pool: WorkerPool;
  readonly ledger: LedgerThread;
  readonly providers: SharedProviders;
  readonly #parts: SupervisorParts;
  readonly #breakers: SharedBreakers<Worker>;
  readonly #limits = new SharedLimits<Worker>(systemClock);
  readonly #steady = new SteadyClock(systemClock);
  readonly #budgets: BudgetKeeper;
  readonly #metrics = new WorkerMetrics<Worker>();
  readonly #startedAt = systemClock.wall();
  #loaded: Base["loaded"];
  #refusal: string | null = null;
  /** Workers that ended because they could not take a configuration: until then they held money by the one before. */
  readonly #untaken = new WeakSet<Worker>();
  #watch: ReturnType<typeof setInterval> | undefined;
  reload: ConfigurationWatch["reload"] = async () => undefined;

  constructor(parts: SupervisorParts) {
    const { base, fail, options } = parts;
    this.#parts = parts;
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
    const { providers, port } = parts;
    this.providers = new SharedProviders({ local: options, providers, loaded: base.loaded, port, pool: this.pool });
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
    this.#budgets = openBudgetKeeper({ ledger: this.ledger, clock: this.#steady, logger: base.log.logger });
    this.#takeBudgets(this.#loaded.value);
  }

  readonly configuration = (): Base["loaded"] => this.#loaded;

  readonly load = async (): Promise<Base["loaded"]> =>
    loadCapturing(this.#parts.options, await storedNames(this.#parts.base.storage));

  /** Every worker has it when this resolves. One that cannot take it ends, and another begins with it in its place. */
  readonly apply = async (loaded: Base["loaded"]): Promise<void> => {
    const { base } = this.#parts;
    const { budgets } = this.#loaded.value;
    this.#loaded = loaded;
    // A worker may begin a shadow as soon as it has the configuration: what caps it must stand by then.
    this.#takeBudgets({ budgets, routes: loaded.value.routes });
    for (const { worker, result } of await this.pool.ask("configuration.apply", loaded.captured)) {
      if (result.status === "fulfilled") continue;
      base.log.logger.error("worker did not take the configuration", {
        pid: worker.process.pid,
        reason: String(result.reason),
      });
      this.#untaken.add(worker);
      worker.process.kill("SIGTERM");
    }
    await this.providers.take(loaded);
    // Whatever workers dispatched before they had it stands in their journals by now, where it is found.
    this.#takeBudgets(loaded.value);
  };

  #takeBudgets(from: Parameters<typeof compiledBudgets>[0]): void {
    const budgets = compiledBudgets(from);
    // What the wall clock did before nobody followed.
    if (this.#watch === undefined) this.#steady.restart();
    clearInterval(this.#watch);
    this.#watch = budgets.length === 0 ? undefined : setInterval(this.#steady.now, watchMilliseconds);
    this.#budgets.configure(budgets);
  }

  /** Resolves when every worker is gone; those that take longer than they may are killed. */
  async stop(hurried: AbortSignal): Promise<void> {
    const { drainDelayMilliseconds, drainMilliseconds } = this.#loaded.value.server;
    this.providers.stop();
    clearInterval(this.#watch);
    this.pool.stop({ hurried: hurried.aborted });
    hurried.addEventListener("abort", () => this.pool.stop({ hurried: true }));
    const ended = this.pool.ended();
    const over = new AbortController();
    void ended.then(() => over.abort());
    const inTime = pause(drainDelayMilliseconds + drainMilliseconds, AbortSignal.any([hurried, over.signal]));
    await inTime.then(() => pause(graceMilliseconds, over.signal));
    this.pool.kill();
    await ended;
    this.#budgets.close();
    await this.ledger.stop();
  }

  /** The start has failed: ends what of it is there, at once. */
  async giveUp(): Promise<void> {
    this.pool.stop({ hurried: true });
    this.pool.kill();
    await this.pool.ended();
    this.providers.stop();
    clearInterval(this.#watch);
    this.#budgets.close();
    await this.ledger.stop();
  }

  #order(): WorkerOrder {
    const { options, base, port } = this.#parts;
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
      now: this.#steady.now(),
      standings: this.#breakers.standings(),
      ...this.providers.known(),
      refusal: this.#refusal,
    };
  }

  #serve(worker: Worker): Omit<SupervisorService, "worker.hello" | "worker.ready" | "worker.failed"> {
    return {
      ...serveHealth(this.#breakers, worker),
      ...serveLimits(this.#limits, worker),
      ...serveBudgets(this.#budgets, worker),
      "worker.fault": (error) => this.#parts.fail(fromPlainError(error)),
      "ledger.fold": () => this.ledger.fold(),
      "database.changed": ({ change }) => this.#spread(change, worker),
      "learning.notices": (notices) => this.pool.tell("learning.notices", notices, { except: worker }),
      "providers.check": ({ name }) => this.providers.check(name),
      "configuration.reload": () => reloadReporting(this.configuration, this.reload),
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
    const families = this.#metrics.sum(this.pool.workers(), { process: "supervisor", families: processFamilies() });
    return [...families, ...limitFamilies(this.#limits), ...budgetFamilies(this.#budgets)];
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

  /** What it left behind is put in order at once: its probes, its open calls, and its part of the journal. */
  #takeLeave(worker: Worker): void {
    this.#breakers.leave(worker);
    this.#limits.leave(worker);
    this.#budgets.leave(worker);
    if (this.#untaken.has(worker)) this.#budgets.readAgain();
    this.#metrics.takeLeave(worker);
    // A fold that fails says so by itself and is tried again.
    void this.ledger.fold().catch(() => undefined);
  }
}
