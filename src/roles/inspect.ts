import { existsSync } from "node:fs";
import type { ConfigurationReport, ConfiguredSecret, LocalOptions, StorageReport } from "../cli/roles.ts";
import { explainConfiguration } from "../config/explain.ts";
import { formatPath } from "../config/path.ts";
import { formatSource } from "../config/problem.ts";
import { leavesOf } from "../config/tree.ts";
import { Secret } from "../core/secret.ts";
import { weaknessOf } from "../core/weak-secret.ts";
import { providerModules } from "../providers/index.ts";
import { checkSqlite, openReadOnly } from "../runtime/sqlite.ts";
import { pendingMigrations } from "../stores/sqlite/migrations.ts";
import { newestRecord } from "../stores/sqlite/newest-record.ts";
import { openDataFolder } from "./data-folder.ts";
import { type Loaded, load } from "./load-configuration.ts";

const moduleOf = new Map(providerModules.map((module) => [module.kind, module]));

const isKeyless = ({ value }: Loaded, provider: string): boolean =>
  moduleOf.get(value.providers[provider]?.kind ?? "")?.keyless ?? false;

const secretsOf = (loaded: Loaded): readonly ConfiguredSecret[] => {
  const referred = new Set(loaded.secrets.map(({ path }) => formatPath(path)));
  return leavesOf(loaded.value).flatMap(({ path, value }) => {
    if (!(value instanceof Secret)) return [];
    const source = loaded.sources.of(path);
    // Servers of local models want some key, whatever it is; and a header need not be a credential.
    const isJudged = path[0] === "providers" && path[2] !== "headers" && !isKeyless(loaded, String(path[1]));
    return [
      {
        path: formatPath(path),
        source: formatSource(source),
        file: source.kind === "file" ? source.file : null,
        isLiteral: !referred.has(formatPath(path)),
        weakness: (isJudged ? weaknessOf(value.reveal()) : undefined) ?? null,
      },
    ];
  });
};

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
    secrets: secretsOf(loaded),
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
    return {
      folder: folder.path,
      database: { file: folder.database, integrity, pendingMigrations: [], newestRecord: null },
    };
  }
  const database = openReadOnly({ path: folder.database });
  try {
    const pending = pendingMigrations(database);
    const newest = pending.length === 0 ? newestRecord(database) : null;
    const { database: file, path } = folder;
    return { folder: path, database: { file, integrity: "ok", pendingMigrations: pending, newestRecord: newest } };
  } finally {
    database.close();
  }
};
