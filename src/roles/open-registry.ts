import type { LocalOptions } from "../cli/roles.ts";
import { providerModules } from "../providers/index.ts";
import { Registry } from "../registry/registry.ts";
import { configuredProviders } from "./declared-providers.ts";
import { type Loaded, secretResolver } from "./load-configuration.ts";
import type { Storage } from "./open-storage.ts";
import { loadStored } from "./stored-providers.ts";

export interface RegistryParts {
  readonly local: Pick<LocalOptions, "environment" | "workingDirectory">;
  readonly storage: Storage;
  readonly loaded: Loaded;
  /** Told of stored providers that cannot be used, by name. */
  readonly onUnusable: (name: string, reason: string) => void;
}

export interface OpenRegistry {
  readonly registry: Registry;
  readonly resolveSecret: (text: string) => Promise<string>;
  /** Brings the registry to what the database says now. */
  readonly reloadStored: () => Promise<void>;
}

/** The registry of what configuration and database declare. */
export const openRegistry = async ({ local, storage, loaded, onUnusable }: RegistryParts): Promise<OpenRegistry> => {
  const registry = new Registry({ modules: providerModules, catalogue: storage.catalogue });
  const resolveSecret = secretResolver(local);
  const reloadStored = (): Promise<void> =>
    loadStored({ store: storage.registry, registry, resolveSecret, onUnusable });
  registry.declare("configuration", configuredProviders(loaded.value));
  await reloadStored();
  return { registry, resolveSecret, reloadStored };
};
