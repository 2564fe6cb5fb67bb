import type { Clock } from "../core/ports/clock.ts";
import type { Transport } from "../core/ports/transport.ts";
import { checkProvider } from "../registry/check-provider.ts";
import { discoverLocalServers, type Environment, providersFromEnvironment } from "../registry/discover.ts";
import type { DeclaredProvider, ProviderCheck, ProviderEntry } from "../registry/provider-entry.ts";
import type { Registry } from "../registry/registry.ts";
import type { DiscoverySettings } from "../registry/settings.ts";

/** A list of models that is older than this is read again. */
const staleMilliseconds = 600_000;
const checkTimeoutMilliseconds = 5_000;

export interface DiscoveryParts {
  readonly registry: Registry;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly environment: Environment;
  /** Of this instant: a reload may change it. */
  readonly settings: () => DiscoverySettings;
  readonly ownPort: number;
  /** Told of what was found on this machine, and of each look at a provider. */
  readonly onFound?: (declared: readonly DeclaredProvider[]) => void;
  readonly onChecked?: (provider: string, check: ProviderCheck) => void;
}

export interface Discovery {
  /** Resolves when every provider was looked at for the first time. */
  readonly first: Promise<void>;
  check(name: string): Promise<ProviderCheck | undefined>;
  /** Looks at everything that has not been looked at lately; after a reload, say. */
  refresh(): Promise<void>;
  stop(): void;
}

const isDue = ({ check }: ProviderEntry, now: number): boolean =>
  check === undefined || check.error !== undefined || now - check.at > staleMilliseconds;

/** Declares what can be known without asking anybody. */
export const declareKnown = ({
  registry,
  environment,
  settings,
}: Pick<DiscoveryParts, "registry" | "environment" | "settings">): void => {
  const modules = [...registry.modules.values()];
  registry.declare("environment", settings().environment ? providersFromEnvironment(modules, environment) : []);
  const mock = { name: "mock", kind: "mock", apiKeys: [], headers: {}, options: {} };
  registry.declare(
    "built-in",
    settings().mock ? [{ settings: mock, source: "built-in", priority: 1_000, models: new Map() }] : [],
  );
};

/** Looks for providers and their models, at once and then again and again, beside the calls. */
export const startDiscovery = (parts: DiscoveryParts): Discovery => {
  const { registry, transport, clock, settings, ownPort } = parts;
  const note = (name: string, result: ProviderCheck): void => {
    registry.noteCheck(name, result);
    parts.onChecked?.(name, result);
  };
  const declareFound = (declared: readonly DeclaredProvider[]): void => {
    registry.declare("discovery", declared);
    parts.onFound?.(declared);
  };
  const check = async (name: string): Promise<ProviderCheck | undefined> => {
    const entry = registry.snapshot().providers.get(name);
    if (entry === undefined) return undefined;
    const { provider } = entry;
    const result = await checkProvider({
      name,
      provider,
      transport,
      clock,
      timeoutMilliseconds: checkTimeoutMilliseconds,
    });
    note(name, result);
    return result;
  };
  const findLocal = async (): Promise<void> => {
    if (!settings().local) return declareFound([]);
    const found = await discoverLocalServers({ modules: [...registry.modules.values()], transport, clock, ownPort });
    declareFound(found.map(({ declared }) => declared));
    for (const { declared, check: result } of found) note(declared.settings.name, result);
  };
  const refresh = async (): Promise<void> => {
    declareKnown(parts);
    const due = [...registry.snapshot().providers.values()].filter(
      (entry) => entry.source !== "discovery" && isDue(entry, clock.wall()),
    );
    await Promise.all([findLocal(), ...due.map(({ name }) => check(name))]);
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const again = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => void refresh().finally(again), settings().intervalMilliseconds);
    timer.unref();
  };
  declareKnown(parts);
  const first = refresh();
  void first.finally(again);
  return {
    first,
    check,
    refresh,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};
