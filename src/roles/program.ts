import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { LocalOptions } from "../cli/roles.ts";
import { type ConfigurationWatch, judgeConfiguration } from "../config/watch.ts";
import { CancelController } from "../core/cancel.ts";
import type { GatewayError } from "../core/errors.ts";
import type { CallRecord } from "../core/ledger.ts";
import type { SpendingLedger } from "../core/ports/budgets.ts";
import type { HandleRequest } from "../core/ports/http-server.ts";
import { openAdmission } from "../http/admission.ts";
import { createApp } from "../http/app.ts";
import type { Edge } from "../http/edge.ts";
import { createFeedbackDesk } from "../learning/feedback-desk.ts";
import { createCallIds } from "../ledger/call-ids.ts";
import { openJournal } from "../ledger/journal.ts";
import type { Registry } from "../registry/registry.ts";
import { learningName } from "../routing/learned/strategy.ts";
import { openAppendFile } from "../runtime/append-file.ts";
import { watchEventLoop } from "../runtime/event-loop-lag.ts";
import { releaseMemory } from "../runtime/release-memory.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { openTransport } from "../runtime/transports.ts";
import { type MetricFamily, renderExposition } from "../telemetry/exposition.ts";
import type { Logger } from "../telemetry/logger.ts";
import { openAccess } from "./access.ts";
import { openBeside } from "./beside.ts";
import { budgetFamilies } from "./budget-metrics.ts";
import { openBudgets } from "./budgets.ts";
import { createCurrentGateway } from "./current-gateway.ts";
import type { DataFolder } from "./data-folder.ts";
import { configuredProviders } from "./declared-providers.ts";
import type { Discovery } from "./discovery.ts";
import { reloadReporting } from "./follow-configuration.ts";
import { openIdempotency } from "./idempotency.ts";
import { issuerKeysFrom } from "./issuer-keys.ts";
import { openLearnedRoutes } from "./learned-routes.ts";
import { type Learning, openLearning } from "./learning.ts";
import { limitFamilies } from "./limit-metrics.ts";
import { type Loaded, load } from "./load-configuration.ts";
import { watchMemory } from "./memory-watch.ts";
import { createObservers } from "./observers.ts";
import { once } from "./once.ts";
import { openRegistry } from "./open-registry.ts";
import type { Storage } from "./open-storage.ts";
import { type Change, noPeers, type Peers } from "./peers.ts";
import { startResting } from "./rest.ts";
import { version } from "./version.ts";

export interface ProgramOptions {
  readonly local: LocalOptions;
  readonly folder: DataFolder;
  readonly storage: Storage;
  readonly loaded: Loaded;
  readonly logger: Logger;
  /** Callers that send it are this machine's administrator: the command line of the same user. */
  readonly localToken: string;
  /** Takes what the journal holds into the database. */
  readonly fold: () => Promise<void>;
  /** What was spent, for the budgets that this process keeps; absent where another one does. */
  readonly spending?: SpendingLedger;
  /** Told when the journal's disk cannot be trusted any more. */
  readonly onFault: (error: GatewayError) => void;
  /** Why no call may be taken at present, though the program is well. */
  readonly refusal?: () => GatewayError | undefined;
  /** The processes that serve the same address, and since when they do; absent where this one is alone. */
  readonly peers?: Peers;
  readonly startedAt?: number;
}

/** The whole program behind its socket. */
export interface Program {
  readonly handle: HandleRequest;
  readonly registry: Registry;
  readonly learning: Learning;
  readonly hasKeys: () => Promise<boolean>;
  readonly callsInFlight: () => number;
  /** Of this process. */
  readonly collectMetrics: () => readonly MetricFamily[];
  configuration(): Loaded;
  /** Puts a configuration in the place of the one before; open calls end on theirs. */
  apply(loaded: Loaded): Promise<void>;
  load(): Promise<Loaded>;
  /** Forgets what is remembered of keys, or reads the providers again: another process has changed the database. */
  takeChange(change: Change): Promise<void>;
  /** Looks for providers from now on. `ownPort` is not asked. */
  discover(ownPort: number): Discovery;
  setAddress(address: string): void;
  /** How the admin API reloads the configuration. */
  onReload(reload: ConfigurationWatch["reload"]): void;
  /** From now on unready. */
  beginDrain(): void;
  /** From now on no further call is taken. */
  refuseCalls(): void;
  /** Ends what is still open, and the journal. */
  close(): Promise<void>;
}

/** How long calls that were told to end may take to settle. */
const settleMilliseconds = 1_000;

const quiet = async (callsInFlight: () => number): Promise<void> => {
  const until = performance.now() + settleMilliseconds;
  while (callsInFlight() > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 2));
};

const within = (milliseconds: number, work: Promise<void>): Promise<unknown> =>
  Promise.race([work, new Promise((resolve) => setTimeout(resolve, milliseconds).unref())]);

/** Wires every room together; opens no socket. Throws GatewayError where the start must be refused. */
export const openProgram = async (options: ProgramOptions): Promise<Program> => {
  const { local, folder, storage, logger, localToken, fold, onFault } = options;
  const clock = systemClock;
  const { environment } = local;
  const startedAt = options.startedAt ?? clock.wall();
  let loaded = options.loaded;
  const { server, ledger } = loaded.value;
  const peers = options.peers ?? noPeers(clock);

  const access = await openAccess({
    store: storage.keys,
    directory: storage.directory,
    folder: folder.path,
    environment,
    host: server.host,
    localToken,
    clock,
    loadKeys: issuerKeysFrom({ transport: () => transport, workingDirectory: local.workingDirectory }),
    onKeysFailed: (issuer, error) => logger.warn("keys of a token issuer", { issuer, reason: String(error) }),
    settings: loaded.value.auth,
    isRunning: options.peers !== undefined,
    onChanged: () => peers.announce("keys"),
  });

  const { registry, resolveSecret, reloadStored } = await openRegistry({
    local,
    storage,
    loaded,
    // Of several processes the one that they share says it.
    onUnusable: (provider, reason) =>
      logger[options.peers === undefined ? "warn" : "debug"]("stored provider cannot be used", { provider, reason }),
  });
  const budgets = openBudgets({
    clock,
    logger,
    configuration: () => loaded.value,
    shared: peers.budgets,
    ledger: options.spending,
  });
  const transport = openTransport(loaded.value.runtime.transport);
  const gateway = createCurrentGateway({
    transport,
    registry,
    clock,
    readFile: (path) => readFileSync(resolve(local.workingDirectory, path)),
    routes: () => loaded.value.routes,
    experiments: () => loaded.value.experiments,
    health: peers.health,
    limits: { counters: peers.limits, rules: () => loaded.value.limits },
    budgets,
    beside: () => beside.world,
  });

  const journal = openJournal({
    directory: folder.journal,
    durability: ledger.durability,
    openFile: openAppendFile,
    onFault,
    onRoom(fault) {
      if (fault === undefined) logger.info("the journal takes records again");
      else logger.error("journal", { reason: fault.message });
    },
    onWrittenLate: (record) => onSettled(record),
  });
  const refusal = (): GatewayError | undefined => journal.refusal() ?? options.refusal?.();
  const idempotency = openIdempotency({
    database: folder.database,
    durability: ledger.durability,
    pepper: access.pepper,
    owner: journal.owner,
    clock,
    logger,
    settings: () => loaded.value.idempotency,
  });
  const observers = createObservers({
    logger,
    configuration: () => loaded.value,
    snapshot: () => registry.snapshot(),
    openCircuits: () => peers.health.openTargets(),
    shedCalls: () => admission.shedCalls(),
  });
  const learnedRoutes = openLearnedRoutes({
    kept: () => gateway.kept(learningName),
    store: storage.learning,
    logger,
    processes: peers.count,
  });
  const learning = openLearning({
    store: storage.learning,
    learners: [learnedRoutes],
    fold,
    share: peers.shareLearning,
    settings: () => loaded.value.learning,
    logger,
  });
  /** A settlement stands in the journal. */
  const onSettled = (record: CallRecord): void => {
    budgets.onSettled(record);
    observers.onSettled(record);
    learning.onSettled(record);
  };
  const loop = watchEventLoop({ intervalMilliseconds: 50, onLag: (milliseconds) => admission.noteLag(milliseconds) });
  const memory = watchMemory({
    maxBytes: server.maxMemoryMegabytes === undefined ? undefined : (server.maxMemoryMegabytes * 1e6) / peers.count,
    onShort: (use) => {
      logger.warn("memory is short", { ...use });
      releaseMemory("warm");
    },
  });
  const admission = openAdmission({
    maxCalls: Math.ceil(server.maxCalls / peers.count),
    maxLagMilliseconds: server.maxLagMilliseconds,
    callsInFlight: observers.callsInFlight,
    currentLag: loop.current,
    isMemoryShort: memory.isShort,
    now: clock.monotonic,
    onShed: (report) => logger.warn("overloaded", { ...report }),
  });

  const resting = startResting({ ...observers, release: releaseMemory });
  const stopping = new CancelController();
  const newId = createCallIds(clock.wall);
  const wall = budgets.wall;
  const beside = openBeside({
    own: { newId, clock: { monotonic: clock.monotonic, wall }, journal, onSettled },
    reward: learning.reward,
    logger,
    // Long before clients' calls are refused.
    isBusy: () =>
      observers.callsInFlight() * 2 > server.maxCalls / peers.count ||
      loop.current() * 2 > server.maxLagMilliseconds ||
      memory.isShort() ||
      refusal() !== undefined,
  });
  let isDraining = false;
  let address = "";
  let discovery: Discovery | undefined;

  const edge: Edge = {
    gateway: gateway.get,
    authenticate: access.authenticate,
    openCalls: access.openCalls,
    journal,
    clock: { monotonic: clock.monotonic, wall: budgets.wall },
    limits: server,
    pacing: server,
    idempotency,
    refuseCall: () => refusal() ?? admission.refuseCall(),
    newId,
    onStarted: observers.onStarted,
    onEnded: observers.onEnded,
    onSettled,
    onRefused: observers.onRefused,
    stopping: stopping.signal,
  };

  const loadAgain = async (): Promise<Loaded> =>
    load(local, new Set((await storage.registry.list("provider")).map(({ value }) => value.name)));

  /** Where nobody follows the configuration, it is judged and no more. */
  let reload: ConfigurationWatch["reload"] = () => judgeConfiguration(loadAgain);

  // What follows is loaded with the first request to it: to serve calls, nothing of it is needed.
  const admin = once(async () =>
    (await import("./admin-api.ts")).openAdminApi({
      storage,
      registry,
      access,
      budgets: budgets.budgets,
      learning,
      policies: learnedRoutes,
      clock,
      actorOf: access.actorOf,
      configuration: () => loaded,
      resolveSecret,
      async reloadStored() {
        await reloadStored();
        await peers.announce("providers");
      },
      check: async (name) => discovery?.check(name),
      fold,
      reload: peers.reload ?? (() => reloadReporting(() => loaded, reload)),
      startedAt,
      address: () => address,
      callsInFlight: () => peers.callsInFlight(observers.callsInFlight()),
      onFailed: ({ requestId, ...failure }) => observers.onRefused({ id: requestId ?? "admin", ...failure }),
    }),
  );
  const openApi = once(async () =>
    JSON.stringify((await import("../http/openapi.ts")).createOpenApiDocument({ version })),
  );

  const { metrics } = observers;
  const collectMetrics = (): readonly MetricFamily[] => [
    ...(metrics?.collect() ?? []),
    ...limitFamilies(peers.countedLimits),
    ...budgetFamilies(budgets.keeper),
  ];
  const feedback = createFeedbackDesk({
    ownerOf: learning.ownerOf,
    add: learning.reward,
    limits: peers.limits,
    perMinute: () => loaded.value.learning.feedbackPerMinute,
    newId,
    now: clock.wall,
  });
  const handle = createApp(edge, {
    feedback,
    admin: async (...request) => (await admin()).fetch(...request),
    metrics: metrics && (async () => renderExposition(await peers.collectMetrics(collectMetrics))),
    openApi,
    unreadyReason: () => (isDraining ? "the gateway is stopping" : refusal()?.message),
  });

  /** Routes are compiled, so that those which learn are known. */
  const restoreLearned = (): Promise<void> => {
    gateway.get();
    return learnedRoutes.restore();
  };
  await restoreLearned();

  return {
    handle,
    registry,
    learning,
    hasKeys: access.hasKeys,
    callsInFlight: observers.callsInFlight,
    collectMetrics,
    configuration: () => loaded,
    load: loadAgain,
    async takeChange(change) {
      if (change === "keys") access.forgetKeys();
      else await reloadStored();
    },
    async apply(next) {
      loaded = next;
      await access.configure(next.value.auth);
      budgets.apply();
      gateway.invalidate();
      registry.declare("configuration", configuredProviders(next.value));
      await restoreLearned();
      await discovery?.refresh();
    },
    discover(ownPort) {
      const settings = () => loaded.value.discovery;
      discovery = peers.startDiscovery({ registry, transport, clock, environment, settings, ownPort });
      return discovery;
    },
    setAddress(url) {
      address = url;
    },
    onReload(run) {
      reload = run;
    },
    beginDrain() {
      isDraining = true;
      beside.stop();
    },
    refuseCalls: admission.stop,
    async close() {
      admission.stop();
      loop.stop();
      memory.stop();
      resting.stop();
      stopping.abort(undefined);
      beside.stop();
      // Calls without a stream yet settle when their wait ends, a moment later than the others.
      await quiet(observers.callsInFlight);
      await within(settleMilliseconds, beside.ended());
      discovery?.stop();
      budgets.close();
      transport.close();
      await access.flush();
      await learning.close();
      await learnedRoutes.close();
      await journal.close();
      // After the journal, which calls that end now wait for before they store their answers.
      await idempotency.close();
    },
  };
};
