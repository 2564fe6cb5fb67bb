import type { UpOptions } from "../cli/roles.ts";
import { describeProviders, exampleCurl, modelToTry } from "./banner.ts";
import { type Base, openBase } from "./open-base.ts";
import type { Fail, Running } from "./running.ts";

/** One process does it all, unless several are asked for: then this one starts them and keeps what they share. */
const start = async (options: UpOptions, base: Base, fail: Fail): Promise<Running> => {
  if (base.workers === 1) return (await import("./alone.ts")).startAlone(options, base, fail);
  return (await import("./start-supervisor.ts")).startSupervisor(options, base, fail);
};

const notices = async ({ hasKeys }: Running): Promise<string[]> =>
  (await hasKeys())
    ? []
    : [`Open to everybody on this machine, because no key exists. Make one: intellirouter keys create me --role admin`];

const discover = async ({ discover, registry, log, url, hasKeys }: Running, options: UpOptions): Promise<void> => {
  await discover();
  const snapshot = registry.snapshot();
  log.logger.info("providers", { found: describeProviders(snapshot).map((line) => line.trim()) });
  const model = modelToTry(snapshot);
  options.onDiscovered?.({
    providers: describeProviders(snapshot),
    example: model === undefined ? null : exampleCurl(url, { model, needsKey: await hasKeys() }),
  });
};

/** Runs the gateway until it is told to stop. Throws ConfigurationError, ListenError, DataFolderError or GatewayError. */
export const up = async (options: UpOptions): Promise<void> => {
  let end: (failure?: Error) => void = () => undefined;
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
  const fail: Fail = (error, how) => {
    // Calls whose end cannot be recorded would be waited for in vain.
    if (how !== "orderly") hurry.abort();
    end(error);
  };
  const base = await openBase(options);
  const running = await start(options, base, fail);
  const { log, url } = running;
  const onReload = (): void => void running.reload();
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("SIGHUP", onReload);
  options.onListening({
    url,
    dataFolder: base.folder.path,
    configurationFile: running.configurationFile(),
    notices: await notices(running),
  });
  log.logger.info("listening", { url, data: base.folder.path });
  void discover(running, options);
  const failure = await ended;
  await running.stop(hurry.signal);
  log.logger.info("stopped");
  await log.close();
  process.off("SIGTERM", onSignal);
  process.off("SIGINT", onSignal);
  process.off("SIGHUP", onReload);
  if (failure !== undefined) throw failure;
};
