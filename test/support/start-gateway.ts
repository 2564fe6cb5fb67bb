import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const program = resolve(import.meta.dir, "../../src/main.ts");
const startMilliseconds = 15_000;
const stopMilliseconds = 45_000;

export interface GatewayOptions {
  /** As the configuration file would say it; discovery and the shedding of load are off unless it says otherwise. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** A folder of an earlier run to go on with; a new one where absent. */
  readonly dataFolder?: string;
  /** Variables for the program. Nothing else is inherited, so that no key of the machine's owner is ever used. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The command and arguments before `up`; the sources of this checkout where absent. */
  readonly command?: readonly string[];
}

/** The real program in a process of its own. */
export interface RunningGateway {
  readonly url: string;
  readonly dataFolder: string;
  readonly pid: number;
  /** The bearer token of this machine's own administrator. */
  readonly localToken: string;
  readonly startedInMilliseconds: number;
  /** What it wrote to its standard output and error so far. */
  logs(): string;
  /** Resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it in order. Throws where it does not end in time, or ends with another code than 0. */
  stop(): Promise<void>;
  /** Ends it by force where it still runs, and removes the data folder. */
  dispose(): Promise<void>;
}

interface ServerFile {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
}

const readServerFile = (folder: string, pid: number): ServerFile | undefined => {
  try {
    const content = JSON.parse(readFileSync(join(folder, "server.json"), "utf8")) as ServerFile;
    // A run that was killed leaves its file behind.
    return content.pid === pid ? content : undefined;
  } catch {
    return undefined;
  }
};

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/readyz`, { keepalive: false })).ok;
  } catch {
    return false;
  }
};

const writeConfiguration = (folder: string, { configuration }: GatewayOptions): string => {
  const path = join(folder, "intellirouter.yaml");
  const quiet = { environment: false, local: false, mock: false };
  const discovery = { ...quiet, ...(configuration["discovery"] as object | undefined) };
  // A busy machine must not turn calls away: that is the matter of test/overload, which says otherwise.
  const server = { maxLagMilliseconds: 60_000, ...(configuration["server"] as object | undefined) };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify({ ...configuration, server, discovery }));
  return path;
};

/** Starts the program on a free port of loopback and waits until it says that it is ready. */
export const startGateway = async (options: GatewayOptions): Promise<RunningGateway> => {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), "intellirouter-gateway-"));
  mkdirSync(dataFolder, { recursive: true });
  const configurationFile = writeConfiguration(dataFolder, options);
  const logFile = join(dataFolder, "output.log");
  const began = performance.now();
  const command = options.command ?? [process.execPath, program];
  const child = Bun.spawn(
    [
      "/bin/sh",
      "-c",
      `exec "$@" >>"$LOG" 2>&1`,
      "sh",
      ...command,
      "up",
      "--config",
      configurationFile,
      "--port",
      "0",
      "--data",
      dataFolder,
    ],
    {
      // The folder holds no .env that would be read.
      cwd: dataFolder,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: dataFolder,
        TMPDIR: tmpdir(),
        LOG: logFile,
        ...options.environment,
      },
      stdin: "ignore",
    },
  );
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const logs = (): string => (existsSync(logFile) ? readFileSync(logFile, "utf8") : "");
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await child.exited;
  };
  const lastWords = (): string => logs().slice(-2_000);
  const waitUntilReady = async (): Promise<ServerFile> => {
    while (performance.now() - began < startMilliseconds) {
      if (hasEnded()) throw new Error(`the gateway ended at its start; its last words were:\n${lastWords()}`);
      const file = readServerFile(dataFolder, child.pid);
      if (file !== undefined && (await isReady(file.url))) return file;
      await Bun.sleep(5);
    }
    await kill("SIGKILL");
    throw new Error(`the gateway was not ready within ${startMilliseconds} ms; its last words were:\n${lastWords()}`);
  };
  const { url, token } = await waitUntilReady().catch((error: unknown) => {
    if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true });
    throw error;
  });
  return {
    url,
    dataFolder,
    pid: child.pid,
    localToken: token,
    startedInMilliseconds: performance.now() - began,
    logs,
    kill,
    async stop() {
      child.kill("SIGTERM");
      const late = Bun.sleep(stopMilliseconds).then(() => "late" as const);
      if ((await Promise.race([child.exited, late])) === "late") {
        await kill("SIGKILL");
        throw new Error(`the gateway did not stop within ${stopMilliseconds} ms; its last words were:\n${lastWords()}`);
      }
      if (child.exitCode !== 0) throw new Error(`the gateway stopped with ${child.exitCode}:\n${lastWords()}`);
    },
    async dispose() {
      if (!hasEnded()) await kill("SIGKILL");
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
};
