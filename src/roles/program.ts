import { timingSafeEqual } from "node:crypto";
import { readAdminKey } from "../auth/admin-key.ts";
import { createAuthenticator, defaultTenant } from "../auth/authenticator.ts";
import { createKeyService } from "../auth/key-service.ts";
import { isLoopbackHost } from "../auth/loopback.ts";
import { mayStart } from "../auth/open-access.ts";
import { loadPepper } from "../auth/pepper.ts";
import type { LocalOptions } from "../cli/roles.ts";
import { explainConfiguration } from "../config/explain.ts";
import { ConfigurationError, formatProblem } from "../config/problem.ts";
import type { Caller } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import type { Gateway } from "../core/ports/gateway.ts";
import type { LedgerStore } from "../core/ports/ledger-store.ts";
import { createAdminApp } from "../http/admin/create-admin-app.ts";
import { openAdmission } from "../http/admission.ts";
import { createApp } from "../http/app.ts";
import type { Connection, Edge } from "../http/edge.ts";
import { createOpenApiDocument } from "../http/openapi.ts";
import { openJournal } from "../ledger/journal.ts";
import { providerModules } from "../providers/index.ts";
import { defaultInvokeLimits, invoke, translatorFor } from "../providers/invoke.ts";
import { Registry } from "../registry/registry.ts";
import { Breakers } from "../routing/breakers.ts";
import { HedgeBudget } from "../routing/hedge-budget.ts";
import { RetryBudget } from "../routing/retry-budget.ts";
import { TargetLoads } from "../routing/target-loads.ts";
import { openAppendFile } from "../runtime/append-file.ts";
import { watchEventLoop } from "../runtime/event-loop-lag.ts";
import { fetchTransport } from "../runtime/fetch-transport.ts";
import { systemClock } from "../runtime/system-clock.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createAdminRegistry } from "./admin-registry.ts";
import type { DataFolder } from "./data-folder.ts";
import { configuredProviders } from "./declared-providers.ts";
import { type Discovery, startDiscovery } from "./discovery.ts";
import { createGateway } from "./gateway.ts";
import { openIdempotency } from "./idempotency.ts";
import { type Loaded, load, secretResolver } from "./load-configuration.ts";
import { createObservers } from "./observers.ts";
import type { Storage } from "./open-storage.ts";
import { createPipeline } from "./pipeline.ts";
import { loadStored } from "./stored-providers.ts";
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
  /** Told when the journal's disk cannot be trusted any more. */
  readonly onFault: (error: GatewayError) => void;
}

/** The whole program behind its socket. */
export interface Program {
  readonly handle: (request: Request, connection: Connection) => Response | Promise<Response>;
  readonly registry: Registry;
  readonly hasKeys: () => Promise<boolean>;
  readonly callsInFlight: () => number;
  configuration(): Loaded;
  /** Puts a configuration in the place of the one before; open calls end on theirs. */
  apply(loaded: Loaded): Promise<void>;
  load(): Promise<Loaded>;
  /** Looks for providers from now on. `ownPort` is not asked. */
  discover(ownPort: number): Discovery;
  setAddress(address: string): void;
  /** How the admin API reloads the configuration. */
  onReload(reload: () => Promise<void>): void;
  /** From now on unready. */
  beginDrain(): void;
  /** From now on no further call is taken. */
  refuseCalls(): void;
  /** Ends what is still open, and the journal. */
  close(): Promise<void>;
}

const localCaller: Caller = {
  tenant: defaultTenant,
  team: null,
  keyId: null,
  role: "admin",
  routes: null,
  models: null,
};

const foldedLedger = (ledger: LedgerStore, fold: () => Promise<void>): LedgerStore => ({
  callById: async (id) => {
    await fold();
    return ledger.callById(id);
  },
  usage: async (query) => {
    await fold();
    return ledger.usage(query);
  },
  recentCalls: async (query) => {
    await fold();
    return ledger.recentCalls(query);
  },
});

/** How long calls that were told to end may take to settle. */
const settleMilliseconds = 1_000;

const quiet = async (callsInFlight: () => number): Promise<void> => {
  const until = performance.now() + settleMilliseconds;
  while (callsInFlight() > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 2));
};

/** Refuses to let strangers in: another address than loopback needs a key. Throws GatewayError `permission_denied`. */
const checkAddress = (host: string, hasKeys: boolean): void => {
  const permission = mayStart({ host, hasKeys });
  if (!permission.allowed) throw new GatewayError("permission_denied", permission.reason);
};

/** Wires every room together; opens no socket. Throws GatewayError where the start must be refused. */
export const openProgram = async (options: ProgramOptions): Promise<Program> => {
  const { local, folder, storage, logger, localToken, fold, onFault } = options;
  const clock = systemClock;
  const environment = local.environment;
  let loaded = options.loaded;
  const startedAt = clock.wall();
  const adminKey = readAdminKey(environment);
  const pepper = await loadPepper({ directory: folder.path, environment });
  const host = loaded.value.server.host;
  const authenticator = createAuthenticator({
    store: storage.keys,
    pepper,
    adminKey,
    openAccess: isLoopbackHost(host),
    clock,
  });
  const keys = createKeyService({ store: storage.keys, pepper, clock, onChanged: () => authenticator.invalidate() });
  const hasKeys = async (): Promise<boolean> =>
    adminKey !== undefined || (await keys.list()).some(({ state }) => state === "active");
  checkAddress(host, await hasKeys());

  const registry = new Registry({ modules: providerModules, catalogue: storage.catalogue });
  const resolveSecret = secretResolver(local);
  const reloadStored = (): Promise<void> =>
    loadStored({
      store: storage.registry,
      registry,
      resolveSecret,
      onUnusable: (name, reason) => logger.warn("stored provider cannot be used", { provider: name, reason }),
    });
  registry.declare("configuration", configuredProviders(loaded.value));
  await reloadStored();

  const journal = openJournal({
    directory: folder.journal,
    durability: loaded.value.ledger.durability,
    openFile: openAppendFile,
    onFault,
  });
  const idempotency = openIdempotency({
    database: folder.database,
    durability: loaded.value.ledger.durability,
    pepper,
    owner: journal.owner,
    clock,
    logger,
    settings: () => loaded.value.idempotency,
  });
  const loads = new TargetLoads();
  const health = new Breakers(clock);
  const observers = createObservers({
    logger,
    configuration: () => loaded.value,
    snapshot: () => registry.snapshot(),
    openCircuits: () => health.openTargets(),
  });
  const retries = new RetryBudget(clock);
  const hedges = new HedgeBudget();

  const compile = (): Gateway => {
    const snapshot = registry.snapshot();
    const providerOf = (name: string) => {
      const entry = snapshot.providers.get(name);
      if (entry === undefined)
        throw new GatewayError("no_target_available", `Provider '${name}' is not there any more.`);
      return entry.provider;
    };
    const pipeline = createPipeline({
      translatorOf: (target, operation) => translatorFor(providerOf(target.provider), operation),
      loads,
      health,
      retries,
      hedges,
      prefillOf: (request, target) => providerOf(target.provider).chat?.prefill?.(request, target),
      random: Math.random,
      clock,
      invoke: (call, target, options) =>
        invoke({
          provider: providerOf(target.provider),
          transport: fetchTransport,
          call,
          target,
          limits: defaultInvokeLimits,
          ...options,
        }),
    });
    return createGateway({ routes: loaded.value.routes, snapshot, pipeline });
  };
  let gateway: Gateway | undefined;
  const currentGateway = (): Gateway => {
    gateway ??= compile();
    return gateway;
  };
  registry.onChange(() => {
    gateway = undefined;
  });

  const stopping = new AbortController();
  let isDraining = false;
  let address = "";
  let discovery: Discovery | undefined;
  let reload: () => Promise<void> = async () => undefined;
  const localHeader = Buffer.from(`Bearer local-${localToken}`);
  const isLocal = (request: Request): boolean => {
    const sent = Buffer.from(request.headers.get("authorization") ?? "");
    return sent.length === localHeader.length && timingSafeEqual(sent, localHeader);
  };

  const { server } = loaded.value;
  const loop = watchEventLoop({ intervalMilliseconds: 50, onLag: (milliseconds) => admission.noteLag(milliseconds) });
  const admission = openAdmission({
    maxCalls: server.maxCalls,
    maxLagMilliseconds: server.maxLagMilliseconds,
    callsInFlight: observers.callsInFlight,
    currentLag: loop.current,
    now: clock.monotonic,
    onShed: (report) => logger.warn("overloaded", { ...report }),
  });

  const edge: Edge = {
    gateway: currentGateway,
    authenticate: (request) => (isLocal(request) ? localCaller : authenticator.authenticate(request)),
    journal,
    clock,
    limits: server,
    pacing: server,
    idempotency,
    refuseCall: admission.refuseCall,
    newId: () => `req_${crypto.randomUUID().replaceAll("-", "")}`,
    onStarted: observers.onStarted,
    onSettled: observers.onSettled,
    onRefused: observers.onRefused,
    stopping: stopping.signal,
  };

  const storedProviders = async (): Promise<ReadonlySet<string>> =>
    new Set((await storage.registry.list("provider")).map(({ value }) => value.name));

  const program: Program = {
    handle: (request, connection) => app(request, connection),
    registry,
    hasKeys,
    callsInFlight: observers.callsInFlight,
    configuration: () => loaded,
    load: async () => load(local, await storedProviders()),
    async apply(next) {
      loaded = next;
      gateway = undefined;
      registry.declare("configuration", configuredProviders(next.value));
      await discovery?.refresh();
    },
    discover(ownPort) {
      discovery = startDiscovery({
        registry,
        transport: fetchTransport,
        clock,
        environment,
        settings: () => loaded.value.discovery,
        ownPort,
      });
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
    },
    refuseCalls: admission.stop,
    async close() {
      admission.stop();
      loop.stop();
      stopping.abort();
      // Calls without a stream yet settle when their wait ends, a moment later than the others.
      await quiet(observers.callsInFlight);
      discovery?.stop();
      await authenticator.flush();
      await journal.close();
      // After the journal, which calls that end now wait for before they store their answers.
      await idempotency.close();
    },
  };

  const admin = createAdminApp({
    keys,
    ledger: foldedLedger(storage.ledger, fold),
    registry: createAdminRegistry({
      store: storage.registry,
      registry,
      now: clock.wall,
      resolveSecret,
      reloadStored,
      check: async (name) => discovery?.check(name),
      routes: () => loaded.value.routes,
    }),
    configuration: () => explainConfiguration(loaded),
    async reload() {
      const before = loaded;
      try {
        await program.load();
      } catch (error) {
        if (error instanceof ConfigurationError) return { ok: false, problems: error.problems.map(formatProblem) };
        throw error;
      }
      await reload();
      return { ok: true, changed: JSON.stringify(before.value) !== JSON.stringify(loaded.value) };
    },
    status: () => ({
      version,
      startedAt,
      uptimeSeconds: Math.floor((clock.wall() - startedAt) / 1_000),
      address,
      providers: [...registry.snapshot().providers.values()].map(({ name, check }) => ({
        name,
        reachable: check === undefined ? null : check.error === undefined,
      })),
      callsInFlight: observers.callsInFlight(),
    }),
    clock,
    onFailed: ({ path, error, caller }) => observers.onRefused({ id: "admin", path, error, caller }),
  });

  let openApi: string | undefined;
  const app = createApp(edge, {
    admin: admin.fetch,
    metrics: observers.metrics?.render,
    openApi: () => {
      openApi ??= JSON.stringify(createOpenApiDocument({ version }));
      return openApi;
    },
    unreadyReason: () => (isDraining ? "the gateway is stopping" : undefined),
  });
  return program;
};
