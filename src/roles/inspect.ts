import { existsSync } from "node:fs";
import type { ConfigurationReport, LocalOptions, StorageReport } from "../cli/roles.ts";
import { explainConfiguration } from "../config/explain.ts";
import { providerModules } from "../providers/index.ts";
import { checkSqlite, openReadOnly } from "../runtime/sqlite.ts";
import { pendingMigrations } from "../stores/sqlite/migrations.ts";
import { openDataFolder } from "./data-folder.ts";
import { load } from "./load-configuration.ts";

const moduleOf = new Map(providerModules.map((module) => [module.kind, module]));

/** Loads and judges the configuration, for people to look at. Throws ConfigurationError. */
export const reportConfiguration = async (options: LocalOptions): Promise<ConfigurationReport> => {
  const loaded = await load(options, new Set());
  const { server, routes, providers } = loaded.value;
  return {
    file: loaded.file ?? null,
    entries: explainConfiguration(loaded),
    host: server.host,
    port: server.port,
    routes: Object.keys(routes),
    providers: Object.entries(providers).map(([name, { kind, baseUrl, apiKey, apiKeys }]) => ({
      name,
      kind,
      baseUrl: baseUrl ?? moduleOf.get(kind)?.defaultBaseUrl ?? null,
      keyless: moduleOf.get(kind)?.keyless ?? false,
      keyCount: (apiKey === undefined ? 0 : 1) + (apiKeys?.length ?? 0),
      keyVariables: moduleOf.get(kind)?.keyVariables ?? [],
    })),
  };
};

/** Looks at the database without changing it. */
export const inspectStorage = async (options: LocalOptions): Promise<StorageReport> => {
  const folder = openDataFolder(options.data, options.environment);
  if (!existsSync(folder.database)) return { folder: folder.path, database: null };
  try {
    checkSqlite(folder.database);
  } catch (error) {
    const integrity = error instanceof Error ? error.message : String(error);
    return { folder: folder.path, database: { file: folder.database, integrity, pendingMigrations: [] } };
  }
  const database = openReadOnly({ path: folder.database });
  try {
    return {
      folder: folder.path,
      database: { file: folder.database, integrity: "ok", pendingMigrations: pendingMigrations(database) },
    };
  } finally {
    database.close();
  }
};
