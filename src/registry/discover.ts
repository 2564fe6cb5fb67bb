import type { Clock } from "../core/ports/clock.ts";
import type { ProviderModule, ProviderSettings } from "../core/ports/provider.ts";
import type { Transport } from "../core/ports/transport.ts";
import { checkProvider } from "./check-provider.ts";
import type { DeclaredProvider, ProviderCheck } from "./provider-entry.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const defaultPriority = 100;
/** Local servers answer at once or not at all. */
const localTimeoutMilliseconds = 1_000;

const declare = (
  module: ProviderModule,
  settings: Partial<ProviderSettings>,
  source: "environment" | "discovery",
): DeclaredProvider => ({
  settings: { name: module.kind, kind: module.kind, apiKeys: [], headers: {}, options: {}, ...settings },
  source,
  priority: defaultPriority,
  models: new Map(),
});

/** The variable that holds another base URL for a provider: `EXTERNAL_OPENAI_BASE_URL`. */
const baseUrlVariable = (kind: string): string => `EXTERNAL_${kind.toUpperCase().replace(/-/g, "_")}_BASE_URL`;

const trimmed = (url: string): string => url.replace(/\/+$/, "");

/** Providers whose key stands in its customary variable, and servers that a variable points at. */
export const providersFromEnvironment = (
  modules: readonly ProviderModule[],
  environment: Environment,
): readonly DeclaredProvider[] =>
  modules.flatMap((module) => {
    const key = module.keyVariables.map((name) => environment[name]?.trim()).find((value) => value);
    const baseUrl = environment[baseUrlVariable(module.kind)]?.trim() || serverVariable(module.kind, environment);
    if (key === undefined && (baseUrl === undefined || !module.keyless)) return [];
    return [
      declare(
        module,
        {
          ...(key === undefined ? {} : { apiKeys: [key] }),
          ...(baseUrl === undefined ? {} : { baseUrl: trimmed(baseUrl) }),
        },
        "environment",
      ),
    ];
  });

/** Ollama's and llm-d's own variables for where they are. */
const serverVariable = (kind: string, environment: Environment): string | undefined => {
  if (kind === "llmd" && environment["LLMD_ENDPOINT"]) {
    const endpoint = trimmed(environment["LLMD_ENDPOINT"]);
    return endpoint.endsWith("/v1") ? endpoint : `${endpoint}/v1`;
  }
  const host = kind === "ollama" ? environment["OLLAMA_HOST"]?.trim() : undefined;
  if (!host) return undefined;
  const url = /^https?:\/\//.test(host) ? host : `http://${host}`;
  const parsed = URL.parse(url);
  if (parsed === null) return undefined;
  // Ollama itself is told 0.0.0.0 to listen everywhere; nobody can be reached there.
  if (parsed.hostname === "0.0.0.0") parsed.hostname = "127.0.0.1";
  if (parsed.port === "" && !/:\d+/.test(host)) parsed.port = "11434";
  return trimmed(parsed.toString());
};

export interface DiscoveryOptions {
  readonly modules: readonly ProviderModule[];
  readonly transport: Transport;
  readonly clock: Clock;
  /** Addresses not to be asked: the gateway's own. */
  readonly ownPort: number;
}

export interface Discovered {
  readonly declared: DeclaredProvider;
  readonly check: ProviderCheck;
}

/** Model servers on their customary local ports. One that does not answer in its wire format is none. */
export const discoverLocalServers = async (options: DiscoveryOptions): Promise<readonly Discovered[]> => {
  const { modules, transport, clock, ownPort } = options;
  const candidates = modules.filter(
    ({ keyless, defaultBaseUrl }) =>
      keyless && defaultBaseUrl !== undefined && isLoopback(defaultBaseUrl) && portOf(defaultBaseUrl) !== ownPort,
  );
  const found = await Promise.all(
    candidates.map(async (module): Promise<Discovered | undefined> => {
      const declared = declare(module, {}, "discovery");
      const provider = module.create(declared.settings);
      const check = await checkProvider({
        name: module.kind,
        provider,
        transport,
        clock,
        timeoutMilliseconds: localTimeoutMilliseconds,
      });
      return check.error === undefined && check.listed !== undefined ? { declared, check } : undefined;
    }),
  );
  return found.filter((one) => one !== undefined);
};

const isLoopback = (url: string): boolean =>
  ["127.0.0.1", "localhost", "[::1]"].includes(URL.parse(url)?.hostname ?? "");
const portOf = (url: string): number => Number(URL.parse(url)?.port || 80);
