import { randomBytes } from "node:crypto";
import type { UpOptions } from "../cli/roles.ts";
import { formatProblem } from "../config/problem.ts";
import { watchConfiguration } from "../config/watch.ts";
import type { GatewayError } from "../core/errors.ts";
import { type Listening, listen } from "../runtime/server.ts";
import { systemClock } from "../runtime/system-clock.ts";
import type { LogTarget } from "../telemetry/log-output.ts";
import { type OpenLog, openLog } from "../telemetry/logger.ts";
import { describeProviders, exampleCurl, modelToTry } from "./banner.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { type LedgerThread, startLedgerThread } from "./ledger-thread.ts";
import { type Loaded, load } from "./load-configuration.ts";
import { openStorage, type Storage } from "./open-storage.ts";
import { openProgram, type Program } from "./program.ts";
import { removeServerFile, writeServerFile } from "./server-file.ts";

const standardError: LogTarget = {
  write: (text) => new Promise((resolve) => process.stderr.write(text, () => resolve())),
  writeNow: (text) => void process.stderr.write(text),
  close: () => undefined,
};

/** Everything that `up` opened, to be closed in order. */
interface Running {
  readonly folder: DataFolder;
  readonly storage: Storage;
  readonly log: OpenLog;
  readonly ledger: LedgerThread;
  readonly program: Program;
  readonly server: Listening;
}

const openLogFor = ({ value }: Loaded, logs: UpOptions["logs"]): OpenLog =>
  openLog({
    settings: value.logging,
    clock: systemClock,
    ...(logs === "stderr" && value.logging.file === undefined ? { target: standardError } : {}),
  });

const start = async (options: UpOptions, fail: (error: Error) => void): Promise<Running> => {
  const folder = openDataFolder(options.data, options.environment);
  const preliminary = await load(options, new Set()).catch((error: unknown) => error as Error);
  const durability = preliminary instanceof Error ? "process" : preliminary.value.ledger.durability;
  const storage = await openStorage(folder, durability);
  const stored = new Set((await storage.registry.list("provider")).map(({ value }) => value.name));
  // Routes may name providers that only the database knows, so the verdict comes with the database open.
  const loaded = preliminary instanceof Error ? await load(options, stored) : preliminary;
  const log = openLogFor(loaded, options.logs);
  const localToken = randomBytes(32).toString("base64url");
  let ledger: LedgerThread | undefined;
  /** Set while the database's disk takes nothing: what is open goes into the journal, nothing new is taken. */
  let diskFault: GatewayError | undefined;
  const program = await openProgram({
    local: options,
    folder,
    storage,
    loaded,
    logger: log.logger,
    localToken,
    fold: async () => ledger?.fold(),
    onFault: fail,
    refusal: () => diskFault,
  });
  const { server: settings } = loaded.value;
  const server = listen({ ...settings, handle: program.handle });
  program.setAddress(server.url);
  ledger = startLedgerThread({
    database: folder.database,
    directory: folder.journal,
    durability,
    intervalMilliseconds: loaded.value.ledger.foldMilliseconds,
    onProblem: (message) => log.logger.error("ledger", { reason: message }),
    onDiskFault(error, code) {
      diskFault = error;
      // After a failed sync the system may have dropped the pages: no later success would mean anything.
      if (durability === "power" && code.endsWith("FSYNC")) fail(error);
    },
    onRecovered() {
      if (diskFault !== undefined) log.logger.info("the ledger takes rows again");
      diskFault = undefined;
    },
  });
  writeServerFile(folder.serverFile, { pid: process.pid, url: server.url, token: localToken });
  return { folder, storage, log, ledger, program, server };
};

/**
 * Unready at once, so that whoever spreads the load goes elsewhere; no new calls after the delay that this takes; open
 * ones may end in their time; then what is left is ended, settled and folded. `hurried` cuts the waiting short.
 */
const stop = async ({ folder, storage, log, ledger, program, server }: Running, hurried: AbortSignal) => {
  program.beginDrain();
  const { drainDelayMilliseconds, drainMilliseconds } = program.configuration().value.server;
  log.logger.info("stopping", { callsInFlight: program.callsInFlight() });
  await pause(drainDelayMilliseconds, hurried);
  program.refuseCalls();
  removeServerFile(folder.serverFile, process.pid);
  const waited = new AbortController();
  await Promise.race([idle(program), pause(drainMilliseconds, AbortSignal.any([hurried, waited.signal]))]);
  waited.abort();
  await program.close();
  await Promise.race([server.drain(), pause(500, new AbortController().signal)]);
  await server.close();
  await ledger.stop();
  storage.close();
  log.logger.info("stopped");
  await log.close();
};

/** Resolves after so long, or when the signal is aborted. */
const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted || milliseconds === 0) return resolve();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

const idle = async (program: Program): Promise<void> => {
  while (program.callsInFlight() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
};

const watch = (running: Running) => {
  const { program, log } = running;
  const watcher = watchConfiguration({
    current: program.configuration(),
    load: program.load,
    async onLoaded(loaded) {
      const before = program.configuration().value;
      await program.apply(loaded);
      log.setLevel(loaded.value.logging.level);
      log.logger.info("configuration loaded", { file: loaded.file });
      for (const key of ["server", "ledger", "metrics"] as const)
        if (JSON.stringify(before[key]) !== JSON.stringify(loaded.value[key]))
          log.logger.warn("configuration needs a restart", { key });
    },
    onFailed: (error) =>
      log.logger.error("configuration refused; the former one stays", { problems: error.problems.map(formatProblem) }),
  });
  program.onReload(watcher.reload);
  return watcher;
};

const notices = async ({ program }: Running): Promise<string[]> =>
  (await program.hasKeys())
    ? []
    : [`Open to everybody on this machine, because no key exists. Make one: intellirouter keys create me --role admin`];

/** Runs the gateway until it is told to stop. Throws ConfigurationError, ListenError, DataFolderError or GatewayError. */
export const up = async (options: UpOptions): Promise<void> => {
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise<Error | undefined>((resolve) => {
    end = resolve;
  });
  const hurry = new AbortController();
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    // Who asks twice will not wait.
    if (signals > 1) hurry.abort();
    end();
  };
  const running = await start(options, end);
  const { program, server, folder, log } = running;
  const watcher = watch(running);
  const onReload = (): void => void watcher.reload();
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("SIGHUP", onReload);
  options.onListening({
    url: server.url,
    dataFolder: folder.path,
    configurationFile: program.configuration().file ?? null,
    notices: await notices(running),
  });
  log.logger.info("listening", { url: server.url, data: folder.path });
  const discovery = program.discover(server.port);
  void discovery.first.then(async () => {
    const snapshot = program.registry.snapshot();
    log.logger.info("providers", { found: describeProviders(snapshot).map((line) => line.trim()) });
    const model = modelToTry(snapshot);
    options.onDiscovered?.({
      providers: describeProviders(snapshot),
      example: model === undefined ? null : exampleCurl(server.url, { model, needsKey: await program.hasKeys() }),
    });
  });
  const failure = await ended;
  // Calls whose end cannot be recorded would be waited for in vain.
  if (failure !== undefined) hurry.abort();
  watcher.close();
  await stop(running, hurry.signal);
  process.off("SIGTERM", onSignal);
  process.off("SIGINT", onSignal);
  process.off("SIGHUP", onReload);
  if (failure !== undefined) throw failure;
};
