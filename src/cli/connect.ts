import { join } from "node:path";
import { CliError, wrongUsage } from "./cli-error.ts";
import type { CliRoles, LocalOptions, ServerFile } from "./roles.ts";
import type { CliSystem } from "./system.ts";

/** One gateway, wherever it runs. */
export interface ApiClient {
  /** `path` begins with `/v1` or `/admin/v1`. Throws CliError `unreachable` where nothing answers. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** For people: `https://gateway.example`, `the running gateway at …`, `the data folder …`. */
  readonly describe: string;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly system: CliSystem;
  readonly roles: CliRoles;
  readonly localOptions: LocalOptions;
  /** The values of `--url` and `--api-key`. */
  readonly url?: string | undefined;
  readonly apiKey?: string | undefined;
}

const probeMilliseconds = 2_000;

const parseUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw wrongUsage(
      "The gateway's address must be a URL like http://127.0.0.1:8000; check --url or INTELLIROUTER_URL.",
    );
  return url;
};

/** SDKs are given `…/v1` as base address; here it is the same gateway. */
const baseOf = (url: URL): string => `${url.origin}${url.pathname}`.replace(/\/+$/, "").replace(/\/v1$/, "");

const withKey = (init: RequestInit | undefined, key: string | undefined): RequestInit => {
  const headers = new Headers(init?.headers);
  if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
  return { ...init, headers };
};

interface Remote {
  readonly system: CliSystem;
  readonly base: string;
  readonly key: string | undefined;
  readonly describe: string;
}

const remoteClient = ({ system, base, key, describe }: Remote): ApiClient => ({
  describe,
  close: async () => undefined,
  fetch: async (path, init) => {
    try {
      return await system.fetch(new Request(base + path, withKey(init, key)));
    } catch (cause) {
      if (init?.signal?.aborted === true) throw cause;
      const advice = "Is it running there? Check the address, or start one with `intellirouter up`.";
      throw new CliError("unreachable", "unreachable", `No gateway answers at ${base}. ${advice}`, cause);
    }
  },
});

/** What `up` left in the data folder; undefined where no gateway runs, or the file is not readable as one. */
export const readServerFile = async (system: CliSystem, folder: string): Promise<ServerFile | undefined> => {
  try {
    const found: unknown = JSON.parse(await system.readFile(join(folder, "server.json")));
    const { pid, url, token } = found as Partial<Record<keyof ServerFile, unknown>>;
    if (typeof pid !== "number" || typeof url !== "string" || typeof token !== "string" || !URL.canParse(url))
      return undefined;
    return { pid, url, token };
  } catch {
    return undefined;
  }
};

/**
 * The running gateway of this data folder. A file left by a killed one is told by its answer, not by its process id
 * alone: in a container every gateway has the same one.
 */
export const findRunning = async (system: CliSystem, folder: string): Promise<ServerFile | undefined> => {
  const file = await readServerFile(system, folder);
  if (file === undefined || !system.isProcessAlive(file.pid)) return undefined;
  const headers = { authorization: `Bearer local-${file.token}` };
  const signal = AbortSignal.timeout(probeMilliseconds);
  try {
    const base = baseOf(new URL(file.url));
    const answer = await system.fetch(new Request(`${base}/admin/v1/status`, { headers, signal }));
    await answer.body?.cancel();
    return answer.status === 401 || answer.status === 429 ? undefined : file;
  } catch (cause) {
    if (!signal.aborted) return undefined;
    const message = `The gateway at ${file.url} (process ${file.pid}) does not answer. Stop it, or wait and try again.`;
    throw new CliError("unreachable", "unreachable", message, cause);
  }
};

const localClient = async ({ roles, localOptions }: ConnectOptions, key: string | undefined): Promise<ApiClient> => {
  const gateway = await roles.openLocal(localOptions);
  return {
    describe: "this machine's data folder (no gateway is running)",
    fetch: (path, init) => gateway.fetch(new Request(`http://127.0.0.1${path}`, withKey(init, key))),
    close: () => gateway.close(),
  };
};

/**
 * The gateway that a command talks to: the one of `--url` or INTELLIROUTER_URL; else the one that runs on this data
 * folder; else the program itself, opened on the folder without a socket. A key that was given is always used;
 * without one, a local gateway takes the user who owns its data folder as administrator.
 */
export const connect = async (options: ConnectOptions): Promise<ApiClient> => {
  const { system, roles, localOptions } = options;
  const url = options.url ?? (system.environment["INTELLIROUTER_URL"] || undefined);
  const key = options.apiKey ?? (system.environment["INTELLIROUTER_API_KEY"] || undefined);
  if (url !== undefined) {
    const base = baseOf(parseUrl(url));
    return remoteClient({ system, base, key, describe: base });
  }
  const running = await findRunning(system, await roles.dataFolder(localOptions));
  if (running === undefined) return localClient(options, key);
  const base = baseOf(parseUrl(running.url));
  const describe = `the running gateway at ${base}`;
  return remoteClient({ system, base, key: key ?? `local-${running.token}`, describe });
};
