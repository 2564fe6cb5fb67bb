import type { UpOptions } from "../cli/roles.ts";
import { formatProblem } from "../config/problem.ts";
import { watchConfiguration } from "../config/watch.ts";
import type { GatewayError } from "../core/errors.ts";
import { type Listening, listen } from "../runtime/server.ts";
import type { OpenLog } from "../telemetry/logger.ts";
import { describeProviders, exampleCurl, modelToTry } from "./banner.ts";
import type { DataFolder } from "./data-folder.ts";
import { drain } from "./drain.ts";
import { foldJournals } from "./fold-journals.ts";
import type { LedgerThread } from "./ledger-thread.ts";
import { openBase } from "./open-base.ts";
import type { Storage } from "./open-storage.ts";
import { openProgram, type Program } from "./program.ts";
import { removeServerFile, writeServerFile } from "./server-file.ts";

/** Everything that `up` opened, to be closed in order. */
interface Running {
  readonly folder: DataFolder;
  readonly storage: Storage;
  readonly log: OpenLog;
  readonly ledger: LedgerThread;
  readonly program: Program;
  readonly server: Listening;
}

const start = async (options: UpOptions, fail: (error: Error) => void): Promise<Running> => {
  const base = await openBase(options);
  const { folder, storage, loaded, log, localToken } = base;
  let ledger: LedgerThread | undefined;
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
    onFault: fail,
    refusal: () => refusal,
  });
  const server = listen({ ...loaded.value.server, handle: program.handle });
  program.setAddress(server.url);
  ledger = foldJournals(base, {
    fail,
    onRefusal(error) {
      refusal = error;
    },
  });
  writeServerFile(folder.serverFile, { pid: process.pid, url: server.url, token: localToken });
  return { folder, storage, log, ledger, program, server };
};

/** Lets open calls end, then ends what is left, settles and folds it. `hurried` cuts the waiting short. */
const stop = async ({ folder, storage, log, ledger, program, server }: Running, hurried: AbortSignal) => {
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
  log.logger.info("stopped");
  await log.close();
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
