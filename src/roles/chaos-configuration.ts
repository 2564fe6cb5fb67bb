import { existsSync } from "node:fs";
import { scaleDuration, scaleTimeouts } from "../chaos/scale.ts";
import type { LocalOptions } from "../cli/roles.ts";
import { GatewayError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { providerModules } from "../providers/index.ts";
import type { RouteSettings } from "../routing/settings.ts";
import { openReadOnly } from "../runtime/sqlite.ts";
import { noSecrets } from "../stores/sqlite/index.ts";
import { pendingMigrations } from "../stores/sqlite/migrations.ts";
import { createSqliteRegistryStore } from "../stores/sqlite/registry-store.ts";
import { type Configuration, configurationSchema } from "./configuration.ts";
import { openDataFolder } from "./data-folder.ts";
import { type Loaded, load } from "./load-configuration.ts";

type ProviderConfiguration = Configuration["providers"][string];

/** Stands where a provider's keys stood: nothing that could open anything. */
const dummyKey = "chaos-dummy-key";
const moduleOf = new Map(providerModules.map((module) => [module.kind, module]));
const providerEntry = configurationSchema.shape.providers.unwrap().valueType;
const parseProvider = (entry: object): ProviderConfiguration => providerEntry.parse(entry);

/** The user's configuration as far as chaos concerns it: without secrets, and with all that routes name. */
export interface ChaosConfiguration {
  readonly loaded: Loaded;
  readonly providers: Readonly<Record<string, ProviderConfiguration>>;
  readonly routes: Readonly<Record<string, RouteSettings>>;
  readonly notes: readonly string[];
}

/** Providers that were added while the program ran; looked at read-only, and without their secrets. */
const storedProviders = async (options: LocalOptions): Promise<ReadonlyMap<string, ProviderConfiguration>> => {
  const { database: path } = openDataFolder(options.data, options.environment);
  if (!existsSync(path)) return new Map();
  const database = openReadOnly({ path });
  try {
    if (pendingMigrations(database).length > 0) return new Map();
    const found = await createSqliteRegistryStore(database, noSecrets).list("provider");
    return new Map(
      found.flatMap(({ value: { name, settings, priority, enabled } }) => {
        const { apiKey: _key, apiKeys: _keys, headers: _headers, ...rest } = settings;
        const parsed = providerEntry.safeParse({ ...rest, priority, enabled });
        // One that cannot be used is not used by the gateway either.
        return parsed.success ? [[name, parsed.data] as const] : [];
      }),
    );
  } finally {
    database.close();
  }
};

const targetName = (entry: RouteSettings["targets"][number]): string =>
  typeof entry === "string" ? entry : entry.target;
const providerName = (target: string): string => target.slice(0, target.indexOf("/"));

const select = (loaded: Loaded, wanted: readonly string[]): Configuration["routes"] => {
  const { routes } = loaded.value;
  const names = Object.keys(routes);
  if (names.length === 0)
    throw new GatewayError("invalid_configuration", "The configuration has no route. Declare one under `routes`.");
  for (const name of wanted)
    if (!names.includes(name)) {
      const [like] = nearest(name, names, 1);
      throw new GatewayError(
        "invalid_value",
        `There is no route '${name}'${like === undefined ? "" : `; did you mean '${like}'?`} There are: ${names.join(", ")}.`,
      );
    }
  return wanted.length === 0 ? routes : Object.fromEntries(wanted.map((name) => [name, routes[name] as RouteSettings]));
};

/** Reads the configuration that the user's gateway would start with. Throws ConfigurationError or GatewayError. */
export const readChaosConfiguration = async (
  options: LocalOptions,
  wanted: readonly string[],
): Promise<ChaosConfiguration> => {
  const stored = await storedProviders(options);
  const loaded = await load(options, new Set(stored.keys()));
  const notes: string[] = [];
  const providers: Record<string, ProviderConfiguration> = {};
  const find = (name: string): ProviderConfiguration | undefined =>
    loaded.value.providers[name] ??
    stored.get(name) ??
    // Found in the environment or on this machine where the gateway really runs.
    (moduleOf.has(name) ? parseProvider({ kind: name }) : undefined);
  const isUsable = (route: string, target: string): boolean => {
    const provider = find(providerName(target));
    if (provider?.enabled === true && provider.kind !== "mock") {
      providers[providerName(target)] = provider;
      return true;
    }
    const reason = provider?.kind === "mock" ? "the mock answers within the program" : "its provider is not enabled";
    notes.push(`${target} is left out of route '${route}': ${reason}.`);
    return false;
  };
  const routes = Object.entries(select(loaded, wanted)).flatMap(([name, route]) => {
    const targets = route.targets.filter((entry) => isUsable(name, targetName(entry)));
    if (targets.length > 0) return [[name, { ...route, targets }] as const];
    notes.push(`Route '${name}' is left out: no target of it is left.`);
    return [];
  });
  return { loaded, providers, routes: Object.fromEntries(routes), notes };
};

export interface Redirection {
  /** The one route that is served. */
  readonly route: string;
  readonly scale: number;
  /** Whether a stream's headers come early in proportion: only where the call waits for deadlines, not for pauses. */
  readonly headers: "scaled" | "as configured";
  /** Where a provider's requests go instead: an address on loopback, without a trailing slash. */
  readonly originOf: (provider: string) => string;
}

/** The provider as configured, but at another address, with a dummy for a key and no header of the user's. */
const redirected = (name: string, entry: ProviderConfiguration, origin: string): ProviderConfiguration => {
  const { kind, priority, models, options } = entry;
  // Some kinds read their base URL's path, so it stays.
  const own = entry.baseUrl ?? moduleOf.get(kind)?.defaultBaseUrl;
  const path = own === undefined ? "" : new URL(own).pathname.replace(/\/+$/, "");
  return parseProvider({
    kind,
    priority,
    baseUrl: `${origin}/${encodeURIComponent(name)}${path}`,
    apiKey: dummyKey,
    ...(models === undefined ? {} : { models }),
    ...(options === undefined ? {} : { options }),
  });
};

type Target = RouteSettings["targets"][number];

/** Every deadline of silence that the routes and their targets have, in milliseconds. */
export const silencesOf = (routes: Readonly<Record<string, RouteSettings>>): readonly number[] =>
  Object.values(routes).flatMap(({ timeouts, targets }) => {
    const { totalMilliseconds: _total, ...silences } = timeouts;
    const own = targets.flatMap((entry) => (typeof entry === "string" ? [] : Object.values(entry.timeouts ?? {})));
    return [...Object.values(silences), ...own.filter((one) => one !== undefined)];
  });

const scaledTarget = (entry: Target, scale: number): Target => {
  if (typeof entry === "string" || entry.timeouts === undefined) return entry;
  const timeouts = Object.entries(entry.timeouts).flatMap(([name, milliseconds]) =>
    milliseconds === undefined ? [] : [[name, scaleDuration(milliseconds, scale)] as const],
  );
  return { ...entry, timeouts: Object.fromEntries(timeouts) };
};

const scaledRoute = (route: RouteSettings, scale: number): RouteSettings => ({
  ...route,
  targets: route.targets.map((entry) => scaledTarget(entry, scale)),
  timeouts: scaleTimeouts(route.timeouts, scale),
  ...(route.hedge === undefined || route.hedge.after === "p95"
    ? {}
    : { hedge: { ...route.hedge, after: scaleDuration(route.hedge.after, scale) } }),
});

/** The configuration of one call: the user's, with nothing in it that leads out of this machine. */
export const redirect = (
  { loaded, providers, routes }: ChaosConfiguration,
  { route, scale, headers, originOf }: Redirection,
): Loaded => {
  const settings = routes[route];
  if (settings === undefined) throw new GatewayError("internal_error", `Route '${route}' is not there.`);
  const { server, discovery } = loaded.value;
  const needed = new Set(settings.targets.map((entry) => providerName(targetName(entry))));
  return {
    ...loaded,
    value: {
      ...loaded.value,
      server: {
        ...server,
        host: "127.0.0.1",
        port: 0,
        ...(headers === "scaled"
          ? { commitAfterMilliseconds: scaleDuration(server.commitAfterMilliseconds, scale) }
          : {}),
      },
      // The calls of a test are nobody's.
      limits: [],
      budgets: [],
      discovery: { ...discovery, environment: false, local: false, mock: false },
      providers: Object.fromEntries(
        Object.entries(providers)
          .filter(([name]) => needed.has(name))
          .map(([name, entry]) => [name, redirected(name, entry, originOf(name))]),
      ),
      routes: { [route]: scaledRoute(settings, scale) },
    },
  };
};
